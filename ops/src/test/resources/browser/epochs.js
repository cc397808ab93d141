// Participants who change keys over a channel inside the page: what the relay would carry, with its rules.

import { Emitter } from '/console/emitter.js';
import { EpochExchange } from '/console/epochs.js';
import { epochZero, Keyring, MessageKeys } from '/console/keys.js';

/** A relay that carries announcements and wrapped secrets. */
export class Channel {
  epoch = 0;
  members = new Map();
  carried = [];

  /** Joins; the secret says whose consultation it is. */
  async join(participant, role, secret = new Uint8Array(32)) {
    const member = new Member(this, participant, role);
    this.members.set(participant, member);
    await member.keyring.hold(0, await epochZero(secret));
    this.changed('joined', member);
    member.emit('welcome', { epoch: this.epoch });
    return member;
  }

  leave(member, reason) {
    this.members.delete(member.participant);
    member.exchange.close();
    this.changed('left', member, reason);
  }

  changed(event, { entry }, reason) {
    for (const member of this.members.values()) {
      member.emit('rosterChange', { event, entry, reason });
      member.emit('roster', member.roster);
    }
  }

  take(from, type, message) {
    this.carried.push({ from: from.participant, type, ...message });
    const { key } = from.entry.endToEnd ?? {};
    const give = (participant, { nonce, sealed }) => this.members.get(participant)?.emit('epoch',
      { epoch: message.epoch, from: from.participant, nonce, sealed, key });
    switch (type) {
      case 'endToEnd':
        from.entry.endToEnd = { key: message.key, mac: message.mac };
        this.changed('changed', from);
        break;
      case 'epoch':
        if (message.epoch !== this.epoch + 1 || !['practitioner', 'companion'].includes(from.entry.role)) {
          throw Object.assign(new Error('epoch-conflict'), { status: 409 });
        }
        this.epoch += 1;
        message.wrapped.forEach((one) => give(one.participant, one));
        break;
      case 'epochFor':
        give(message.participant, message);
        break;
      default:
        throw new Error(type);
    }
  }
}

class Member extends Emitter {
  keyring = new Keyring();
  faults = [];

  constructor(channel, participant, role) {
    super();
    this.channel = channel;
    this.participant = participant;
    this.entry = { participant, role };
    this.messages = new MessageKeys(this.keyring, participant);
    this.exchange = new EpochExchange({ session: this, keyring: this.keyring, participant, random: () => 0.01 });
    this.exchange.on('fault', ({ from, reason }) => this.faults.push(`${from}: ${reason}`));
  }

  get roster() {
    return new Map([...this.channel.members].map(([participant, { entry }]) => [participant, entry]));
  }

  async request(type, message) {
    this.channel.take(this, type, message);
    return {};
  }

  /** What this one says, opened by another: the sender's name, or why not. */
  async to(other) {
    const sealed = await this.messages.seal('chat', Uint8Array.of(42));
    return other.messages.open('chat', sealed).then(({ participant }) => participant, (error) => error.reason);
  }
}
