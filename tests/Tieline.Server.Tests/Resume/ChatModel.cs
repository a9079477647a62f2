namespace Tieline.Server.Tests.Resume;

/// <summary>What a chat between people must come to: nothing but lists and the rules a person would name.</summary>
internal sealed partial class ChatModel
{
    private readonly Dictionary<(string, string), Talk> _talks = [];
    private readonly Dictionary<(string Of, string To), (bool Blocked, bool Muted)> _relations = [];

    /// <summary>One conversation of two.</summary>
    public sealed class Talk
    {
        public string? Conversation { get; set; }
        public SortedDictionary<long, Said> Messages { get; } = [];

        /// <summary>First sends of each person, in the order in which that person sent them.</summary>
        public List<(string From, string ClientId)> Order { get; } = [];

        public Dictionary<string, long> Read { get; } = [];
        public Dictionary<string, long> Hidden { get; } = [];

        public long Unread(string who) => Messages.Values.Count(message => message.From != who && message.Seq > Math.Max(Read.GetValueOrDefault(who), Hidden.GetValueOrDefault(who)));

        public Said Add(Said said)
        {
            Messages.TryAdd(said.Seq, said).ShouldBeTrue($"seq {said.Seq} twice");
            Order.Add((said.From, said.ClientId));
            return said;
        }

        public List<Said> SeenBy(string who) => [.. Messages.Values.Where(said => said.Seq > Hidden.GetValueOrDefault(who) && said.IsVisibleTo(who))];

        public IReadOnlyList<string> VisibleTo(string who) => [.. SeenBy(who).Select(said => said.ToString())];
    }

    /// <summary>How long messages stay, by conversation.</summary>
    public Dictionary<string, long> Timers { get; } = [];

    public Dictionary<(string Who, string Conversation), string> Drafts { get; } = [];

    /// <summary>What is over at this moment is nobody's any more.</summary>
    public void LetGo(DateTimeOffset now)
    {
        foreach (var said in _talks.Values.SelectMany(talk => talk.Messages.Values).Concat(Group.Messages))
            if (said.Expires <= now) (said.Gone, said.Pinned) = (true, false);
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
