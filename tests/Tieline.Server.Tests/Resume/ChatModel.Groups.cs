namespace Tieline.Server.Tests.Resume;

internal sealed partial class ChatModel
{
    /// <summary>The one group of a run. Ada owns it; the others come and go.</summary>
    public sealed class Crowd
    {
        public string? Conversation { get; set; }
        public string Name { get; set; } = "";
        public List<(string From, string ClientId, string Text)> Messages { get; } = [];

        /// <summary>Who is in it, and what each sees: from the first message to the last, null while there is no last.</summary>
        public Dictionary<string, (long From, long? To)> Seen { get; } = [];

        public bool Has(string who) => Seen.TryGetValue(who, out var seen) && seen.To is null;

        public void Say(string from, string clientId, string text) => Messages.Add((from, clientId, text));

        /// <summary>Sees the group from its newest message on, which tells of the joining.</summary>
        public void Join(string who) => Seen[who] = (Messages.Count, null);

        /// <summary>Sees nothing after the newest message, which tells of the leaving.</summary>
        public void Leave(string who) => Seen[who] = Seen[who] with { To = Messages.Count };

        public void Clear(string who) => Seen[who] = Seen[who] with { From = (Seen[who].To ?? Messages.Count) + 1 };

        public IReadOnlyList<string> VisibleTo(string who) => !Seen.TryGetValue(who, out var seen) ? [] :
        [
            .. Messages.Select((message, at) => (Message: message, Seq: at + 1L)).Where(entry => entry.Seq >= seen.From && entry.Seq <= (seen.To ?? long.MaxValue))
                .Select(entry => $"{entry.Seq} {entry.Message.From} {entry.Message.ClientId} {entry.Message.Text}"),
        ];
    }

    public Crowd Group { get; } = new();
}
