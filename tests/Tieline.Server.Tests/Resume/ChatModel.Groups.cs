namespace Tieline.Server.Tests.Resume;

internal sealed partial class ChatModel
{
    /// <summary>The one group of a run. Ada owns it; the others come and go.</summary>
    public sealed class Crowd
    {
        public string? Conversation { get; set; }
        public string Name { get; set; } = "";
        public List<Said> Messages { get; } = [];

        /// <summary>Who is in it, and what each sees: from the first message to the last, null while there is no last.</summary>
        public Dictionary<string, (long From, long? To)> Seen { get; } = [];

        public bool Has(string who) => Seen.TryGetValue(who, out var seen) && seen.To is null;

        public Said Say(string from, string clientId, string text, bool notice = false)
        {
            var said = new Said(Messages.Count + 1, from, clientId, text) { Notice = notice };
            Messages.Add(said);
            return said;
        }

        /// <summary>Sees the group from its newest message on, which tells of the joining.</summary>
        public void Join(string who) => Seen[who] = (Messages.Count, null);

        /// <summary>Sees nothing after the newest message, which tells of the leaving.</summary>
        public void Leave(string who) => Seen[who] = Seen[who] with { To = Messages.Count };

        public void Clear(string who) => Seen[who] = Seen[who] with { From = (Seen[who].To ?? Messages.Count) + 1 };

        public List<Said> SeenBy(string who) => !Seen.TryGetValue(who, out var seen) ? [] :
            [.. Messages.Where(said => said.Seq >= seen.From && said.Seq <= (seen.To ?? long.MaxValue) && said.IsVisibleTo(who))];

        public IReadOnlyList<string> VisibleTo(string who) => [.. SeenBy(who).Select(said => said.ToString())];
    }

    public Crowd Group { get; } = new();
}
