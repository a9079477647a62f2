namespace Tieline.Server.Tests.Resume;

/// <summary>What a chat between people must come to: nothing but lists and the rules a person would name.</summary>
internal sealed partial class ChatModel
{
    private readonly Dictionary<(string, string), Talk> _talks = [];
    private readonly Dictionary<(string Of, string To), (bool Blocked, bool Muted)> _relations = [];

    public sealed record Sent(string From, string ClientId, string Text, long Seq);

    /// <summary>One conversation of two.</summary>
    public sealed class Talk
    {
        public string? Conversation { get; set; }
        public SortedDictionary<long, Sent> Messages { get; } = [];

        /// <summary>First sends of each person, in the order in which that person sent them.</summary>
        public List<(string From, string ClientId)> Order { get; } = [];

        public Dictionary<string, long> Read { get; } = [];
        public Dictionary<string, long> Hidden { get; } = [];

        public long Unread(string who) => Messages.Values.Count(message => message.From != who && message.Seq > Math.Max(Read.GetValueOrDefault(who), Hidden.GetValueOrDefault(who)));

        public IReadOnlyList<string> VisibleTo(string who) =>
            [.. Messages.Values.Where(message => message.Seq > Hidden.GetValueOrDefault(who)).Select(message => $"{message.Seq} {message.From} {message.ClientId} {message.Text}")];
    }

    public IEnumerable<((string One, string Other) People, Talk Talk)> Talks => _talks.Select(entry => (entry.Key, entry.Value));

    public Talk Between(string one, string other)
    {
        var pair = string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one);
        if (!_talks.TryGetValue(pair, out var talk)) _talks.Add(pair, talk = new Talk());
        return talk;
    }

    public (bool Blocked, bool Muted) Relation(string of, string to) => _relations.GetValueOrDefault((of, to));

    public void Relate(string of, string to, Func<(bool Blocked, bool Muted), (bool Blocked, bool Muted)> change) => _relations[(of, to)] = change(Relation(of, to));

    public bool IsBlocked(string one, string other) => Relation(one, other).Blocked || Relation(other, one).Blocked;

    /// <summary>Every acknowledged message once, numbered without holes, and each person's in the order in which they were sent.</summary>
    public void ShouldBeInOrder()
    {
        foreach (var (people, talk) in Talks)
        {
            talk.Messages.Keys.ShouldBe(Enumerable.Range(1, talk.Messages.Count).Select(seq => (long)seq), $"{people}");
            foreach (var who in (string[])[people.One, people.Other])
                talk.Messages.Values.Where(message => message.From == who).Select(message => message.ClientId)
                    .ShouldBe(talk.Order.Where(sent => sent.From == who).Select(sent => sent.ClientId), $"{who} in {people}");
        }
    }
}
