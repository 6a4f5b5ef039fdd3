// Nobody stands at a hall's screen at night: what fails to be drawn is tried again by itself.
import { Component, type ReactNode } from 'react';

const againMs = 5000;

export class SelfHealing extends Component<{ children: ReactNode; meanwhile: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  private timer: ReturnType<typeof setTimeout> | undefined;

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch() {
    this.timer = setTimeout(() => this.setState({ failed: false }), againMs);
  }

  override componentWillUnmount() {
    clearTimeout(this.timer);
  }

  override render() {
    return this.state.failed ? this.props.meanwhile : this.props.children;
  }
}
