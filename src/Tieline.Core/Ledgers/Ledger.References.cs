using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

/// <summary>What a message refers to: the one it answers, the one it sends on, the people it names.</summary>
public sealed partial class Ledger
{
    /// <summary>What a send stores, its own or taken over.</summary>
    private readonly record struct SendContent(string Text, string? Card, string? Attachments, bool Forwarded = false, string? Quote = null, string? Mentions = null);

    /// <param name="conversation">Null for a direct chat that is yet to begin.</param>
    /// <returns>Null when everything that is referred to may be.</returns>
    private Refused? Resolve(Send send, ConversationState? conversation, ref SendContent content)
    {
        if (send.ForwardOf is { } original)
        {
            if (FindReadable(send.From.Key, original) is not { } wire) return NoSuchMessage();
            if (wire.Deleted || wire.Notice is not null) return new Refused(WireError.Forbidden, "There is nothing in this message that could be forwarded.");
            content = content with { Text = wire.Text, Card = wire.Card, Attachments = wire.Attachments, Forwarded = true };
        }

        if (send.ReplyTo is { } answered)
        {
            if (conversation is null || !MessageIds.TryParse(answered, out _, out var seq) || seq > conversation.HeadSeq || answered != MessageIds.Make(conversation.Id, seq))
                return new Refused(WireError.NotFound, "There is no message in this conversation that reply_to names.");
            content = content with { Quote = QuoteOf(conversation.Member(send.From.Key)!, answered, seq) };
        }

        if (send.Mentions is null) return null;
        var (mentioned, refusal) = Mentioned(send, conversation);
        content = content with { Mentions = mentioned };
        return refusal;
    }

    /// <summary>Null for what was deleted or hidden or has disappeared meanwhile: a message that waited in an outbox must not be lost for it.</summary>
    private string? QuoteOf(MemberState author, string id, long seq) =>
        Sees(author, seq) && FindMessage(author.Conversation, seq)?.Wire is { Deleted: false } wire && !IsOver(wire) ? Quotes.Make(id, wire.FromUser, wire.Text) : null;

    /// <summary>Those named who are in the conversation. Who has blocked the sender is left out, and the sender does not learn of it.</summary>
    private (string? Mentions, Refused? Refusal) Mentioned(Send send, ConversationState? conversation)
    {
        if (MentionRules.Read(send.Mentions!) is not { } ids) return (null, new Refused(WireError.Invalid, $"mentions must be an array of at most {MentionRules.Max} account ids."));
        var kept = new List<string>(ids.Count);
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
        {
            var member = conversation?.Members.FirstOrDefault(member => member.AccountId == id);
            if (member is null && !(conversation is null && (id == send.From.Id || id == send.To!.Id)))
                return (null, new Refused(WireError.Invalid, "mentions names somebody who is not in this conversation."));
            if (member is null || !RelationOf(member.Account, send.From.Key).Blocked) kept.Add(id);
        }

        return (kept.Count == 0 ? null : MentionRules.Write(kept), null);
    }
}
