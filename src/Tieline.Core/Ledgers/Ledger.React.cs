using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    private readonly Dictionary<(ConversationKey Conversation, long Seq), List<Reaction>> _reactionsInBatch = [];

    private Outcome ApplyReact(React react)
    {
        if (FindVisible(react.Who.Key, react.Id) is not { } found) return NoSuchMessage();
        if (react.Emoji is { } emoji && !ReactionRules.IsEmoji(emoji)) return new Refused(WireError.Invalid, "A reaction is one emoji.");
        if (found.Wire.Deleted) return react.Emoji is null ? new Changed(0) : new Refused(WireError.Forbidden, "This message is deleted.");

        var reactions = ReactionsOf(found.Conversation.Key, found.Wire.Seq);
        var mine = reactions.FindIndex(reaction => reaction.Account == react.Who.Key);
        if ((mine < 0 ? null : reactions[mine].Emoji) == react.Emoji) return new Changed(0);
        if (react.Emoji is not null && RefusalOfBlock(found.Conversation, react.Who.Key) is { } blocked) return blocked;

        if (mine >= 0) reactions.RemoveAt(mine);
        if (react.Emoji is not null) reactions.Add(new Reaction(react.Who.Key, react.Who.Id, react.Emoji));
        Changes.Reactions[(found.Conversation.Key, found.Wire.Seq, react.Who.Key)] = react.Emoji;
        return Update(found, found.Wire with { Reactions = ReactionRules.Write(reactions) });
    }

    /// <summary>In the order in which they were set.</summary>
    private List<Reaction> ReactionsOf(ConversationKey conversation, long seq)
    {
        if (!_reactionsInBatch.TryGetValue((conversation, seq), out var reactions))
            _reactionsInBatch.Add((conversation, seq), reactions = [.. facts.Reactions(conversation, seq)]);
        return reactions;
    }
}

/// <summary>One person's reaction to a message.</summary>
public readonly record struct Reaction(AccountKey Account, string AccountId, string Emoji);
