using System.Security.Cryptography;
using System.Text;
using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Ledgers;

/// <summary>Messages that stay for a time and then are nobody's any more.</summary>
public sealed partial class Ledger
{
    public const long MinDisappearSeconds = 60 * 60;
    public const long MaxDisappearSeconds = 90 * 24 * 60 * 60;

    private const int MaxSwept = 200;

    /// <summary>In a large group each message that goes is told to a thousand.</summary>
    private const int MaxSweptEvents = 5_000;

    private Outcome ApplyDisappear(Disappear disappear)
    {
        var seconds = disappear.Seconds;
        if (seconds is not 0 and (< MinDisappearSeconds or > MaxDisappearSeconds))
            return new Refused(WireError.Invalid, $"seconds must be 0, or {MinDisappearSeconds} to {MaxDisappearSeconds}.");
        if (FindAsMember(disappear.Who.Key, disappear.Target) is not { Conversation: var conversation, Member: var member }) return _noSuchConversation;
        if (conversation.Group is not null && member.Role == GroupRole.Member) return new Refused(WireError.Forbidden, "Only admins of the group may do that.");
        if (conversation.DisappearSeconds == seconds) return new Changed(0);
        if (RefusalOfBlock(conversation, disappear.Who.Key) is { } blocked) return blocked;

        if (member.Request) Accept(conversation, member);
        conversation.DisappearSeconds = seconds;
        Changes.DisappearSeconds[conversation.Key] = seconds;
        AppendToMembers(conversation, EventKind.Conversation, 0, null, ConversationMark.Instance);
        StoreNotice(disappear.Who, conversation, SystemNotice.Make("disappear", json => json.WriteNumber("seconds"u8, seconds)));
        return new Changed(1);
    }

    /// <summary>A message that tells of a change which has no client_id of its own to be stored under. It stays.</summary>
    private void StoreNotice(Account who, ConversationState conversation, string notice)
    {
        var seq = ++conversation.HeadSeq;
        var peer = conversation.Kind == ConversationKind.Direct ? conversation.Peer(who.Key) : null;
        var wire = new WireMessage(conversation.Id, seq, MessageIds.Make(conversation.Id, seq), newId(), who.Id, peer?.AccountId, "", Now) { Notice = notice };
        var message = new StoredMessage(conversation.Key, who.Key, wire);
        var @event = new MessageEvent(message);
        var pos = conversation.Group is null ? AppendToBoth(conversation, who.Key, seq, @event) : AppendToMembers(conversation, EventKind.Message, seq, who.Key, @event);
        if (conversation.Group is not null) CountOwn(conversation.Member(who.Key)!);
        Changes.Messages.Add((message, new SentRecord(conversation.Id, seq, pos, wire.CreatedAt, SHA256.HashData(Encoding.UTF8.GetBytes(notice)))));
    }

    private Changed ApplySweep()
    {
        var (swept, told) = (0L, 0);
        foreach (var (key, seq) in facts.FindExpired(Now, MaxSwept))
        {
            if (told >= MaxSweptEvents) break;
            if (FindConversation(key) is not { } conversation || FindMessage(key, seq) is not { } message) continue;
            Update(conversation, message, Tombstone(message.Wire));
            Changes.Gone.Add((key, seq));
            told += conversation.Members.Count;
            swept++;
        }

        return new Changed(swept);
    }

    /// <summary>True from the moment its time has come, swept or not.</summary>
    private bool IsOver(WireMessage message) => message.ExpiresAt is { } end && end.Microseconds <= Now.Microseconds;
}
