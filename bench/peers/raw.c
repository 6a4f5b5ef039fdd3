/* The far limit: a loop that reads requests and answers each with the same bytes, and nothing else.
   cc -O2 raw.c -o raw && PORT=8000 ./raw */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char ANSWER[] =
    "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n{}\n";

int main(void) {
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT")))};
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, ready[256];
  char bytes[16384];

  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 1024)) return 1;
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int count = epoll_wait(poll, ready, 256, -1);
    for (int each = 0; each < count; each++) {
      int peer = ready[each].data.fd;
      if (peer == listener) {
        event.data.fd = accept(listener, 0, 0);
        setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event);
      } else if (read(peer, bytes, sizeof bytes) <= 0) {
        close(peer);
      } else if (write(peer, ANSWER, sizeof ANSWER - 1) < 0) {
        close(peer);
      }
    }
  }
}
