// Makes a chosen picture small before it is sent: a phone's has ten million pixels, and a ballot shows some hundred.

const sidePx = 800;
const quality = 0.85;
const sent = ['image/jpeg', 'image/png'];

/** A JPEG file; a file that the browser can't draw goes as it is, for the server to say what is wrong with it. */
export async function shrinkPicture(file: File): Promise<Blob> {
  try {
    const drawn = await createImageBitmap(file);
    const scale = Math.min(1, sidePx / Math.min(drawn.width, drawn.height));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [Math.round(drawn.width * scale), Math.round(drawn.height * scale)];
    const context = canvas.getContext('2d');
    if (context === null) return asSent(file);
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(drawn, 0, 0, canvas.width, canvas.height);
    const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality));
    return made ?? asSent(file);
  } catch {
    return asSent(file);
  }
}

function asSent(file: File): Blob {
  return sent.includes(file.type) ? file : new Blob([file], { type: 'image/jpeg' });
}
