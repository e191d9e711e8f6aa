/**
 * What Discord's own client would not send: the bot never hears of it. The message is a sentence for the person, and
 * says what would work.
 */
export class ClientRefusal extends Error {
  override readonly name = 'ClientRefusal';
}
