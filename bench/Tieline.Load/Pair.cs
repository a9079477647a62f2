namespace Tieline.Load;

/// <summary>Two people of whom one writes to the other. A message is in flight until it is acknowledged and delivered.</summary>
internal sealed class Pair(Line sender, Line recipient)
{
    public const int MostInFlight = 8192;

    private readonly long[] _sentAt = new long[MostInFlight];
    private readonly byte[] _text = new byte[Letter.Length];

    public int Sent { get; private set; }

    public int Acknowledged { get; private set; }

    public int Delivered { get; private set; }

    public int InFlight => Sent - Math.Min(Acknowledged, Delivered);

    public void Send(long at)
    {
        if (InFlight >= MostInFlight) throw new InvalidOperationException($"More than {MostInFlight} in flight in one pair.");
        _sentAt[++Sent % MostInFlight] = at;
        new Letter(sender.Person.Number, recipient.Person.Number, Sent).Write(_text);
        sender.Send(recipient.Person, Sent, _text);
    }

    /// <summary>When it was sent, or null if another acknowledgement was due.</summary>
    public long? Acknowledge(int number) => number == Acknowledged + 1 && number <= Sent ? _sentAt[++Acknowledged % MostInFlight] : null;

    /// <summary>When it was sent, or null if another letter was due: a loss, a double or a wrong order.</summary>
    public long? Deliver(Letter letter) =>
        letter.From == sender.Person.Number && letter.To == recipient.Person.Number && letter.Number == Delivered + 1 && letter.Number <= Sent
            ? _sentAt[++Delivered % MostInFlight]
            : null;
}
