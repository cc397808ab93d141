// Events without the DOM, so that the modules run in a browser, in a worker and under node alike.

/** Calls listeners by the name of an event, in the order in which they were added. */
export class Emitter {
  #listeners = new Map();

  /**
   * Adds a listener.
   * @param {string} type name of the event
   * @param {(detail: any) => void} listener called with the detail of the event
   * @returns {() => void} removes the listener
   */
  on(type, listener) {
    let set = this.#listeners.get(type);
    if (!set) {
      set = new Set();
      this.#listeners.set(type, set);
    }
    set.add(listener);
    return () => set.delete(listener);
  }

  /**
   * Calls the listeners. One that throws is reported to the console and does not stop the others.
   * @param {string} type
   * @param {any} [detail]
   */
  emit(type, detail) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        console.error(`listener of '${type}'`, error);
      }
    }
  }
}
