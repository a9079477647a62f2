using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    /// <summary>Messages that are kept with a flag: the reported one in the middle, or at the end where nothing follows it.</summary>
    public const int FlagContext = 5;

    private static readonly JsonWriterOptions _contextOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly Refused _noSuchFlagged = new(WireError.NotFound, "There is no such message or person.");
    private static readonly Refused _suspended = new(WireError.Forbidden, "This account is suspended; it can read and not write.");

    private Outcome ApplyRaiseFlag(RaiseFlag flag)
    {
        if (flag.MessageId is null) return flag.User is { } user ? RaiseFlag(flag, user.Key, user.Id, null, 0, "[]") : _noSuchFlagged;
        if (!MessageIds.TryParse(flag.MessageId, out var id, out var seq) || FindAsMember(flag.Who.Key, new ConversationTarget(null, id)) is not { } found) return _noSuchFlagged;
        var (conversation, member) = found;
        if (!Sees(member, seq) || FindMessage(conversation.Key, seq) is not { } message) return _noSuchFlagged;
        return RaiseFlag(flag, message.Sender, message.Wire.FromUser, conversation, seq, ContextOf(MessagesAround(conversation, member, seq)));
    }

    /// <summary>What the reporter sees around a message: what he may not see is not shown to the moderators on his word either.</summary>
    private List<StoredMessage> MessagesAround(ConversationState conversation, MemberState member, long seq)
    {
        var around = new List<StoredMessage>();
        for (var at = Math.Min(seq + (FlagContext / 2), conversation.HeadSeq); at >= Math.Max(1, seq - FlagContext) && around.Count < FlagContext; at--)
            if (Sees(member, at) && FindMessage(conversation.Key, at) is { } message) around.Add(message);
        around.Reverse();
        return around;
    }

    private Outcome RaiseFlag(RaiseFlag flag, AccountKey user, string userId, ConversationState? conversation, long seq, string context)
    {
        if (user == flag.Who.Key) return new Refused(WireError.Self, "That is yourself");
        var isOpen = Changes.Flags.Values.Any(other => other.Decision is null && other.Reporter == flag.Who.Key && other.User == user && other.Conversation == conversation?.Key && other.Seq == seq)
            || facts.HasOpenFlag(flag.Who.Key, user, conversation?.Key, seq);
        if (isOpen) return new Changed(0);
        var next = Math.Max(facts.LastFlag(), Changes.Flags.Keys.DefaultIfEmpty().Max()) + 1;
        Changes.Flags[next] = new StoredFlag(next, flag.Who.Key, flag.Who.Id, user, userId, conversation?.Key, conversation?.Id, seq, flag.Reason, flag.Text, context, Now);
        return new Changed(1);
    }

    private Outcome ApplyDecideFlag(DecideFlag decide)
    {
        var flag = Changes.Flags.GetValueOrDefault(decide.Flag) ?? facts.FindFlag(decide.Flag);
        if (flag is null) return new Refused(WireError.NotFound, "There is no such flag.");
        if (decide.Action == FlagAction.DeleteMessage && flag.Conversation is null) return new Refused(WireError.Invalid, "This flag is about a person; there is no message to delete.");
        var changed = decide.Action switch
        {
            FlagAction.DeleteMessage => DeleteForModerators(flag.Conversation!.Value, flag.Seq),
            FlagAction.SuspendUser => SetSuspended(flag.User, true),
            FlagAction.RestoreUser => SetSuspended(flag.User, false),
            _ => false,
        };
        if (!changed && flag.Decision == decide.Action) return new Changed(0);
        Changes.Flags[flag.Id] = flag with { Decision = decide.Action, DecidedAt = Now };
        return new Changed(1);
    }

    private bool SetSuspended(AccountKey account, bool suspended)
    {
        var before = StandingOf(account);
        if (before.Suspended == suspended) return false;
        SetStanding(account, before with { Suspended = suspended });
        return true;
    }

    /// <returns>False when it is deleted already, or gone.</returns>
    private bool DeleteForModerators(ConversationKey key, long seq)
    {
        if (FindConversation(key) is not { } conversation || FindMessage(key, seq) is not { Wire.Deleted: false } message) return false;
        Update(conversation, message, Tombstone(message.Wire));
        return true;
    }

    private static string ContextOf(IEnumerable<StoredMessage> messages)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, _contextOptions))
        {
            json.WriteStartArray();
            foreach (var message in messages)
            {
                json.WriteStartObject();
                ServerFrameFields.WriteMessage(json, message.Wire);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
