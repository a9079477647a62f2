using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Storage;

/// <summary>Every feature used once, so that every statement of it has been prepared.</summary>
public sealed partial class SqlitePlanTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(20_000)]
    public async Task A_chat_is_opened_in_the_same_few_steps_however_many_messages_have_disappeared_in_it(int gone)
    {
        // As the sweeper leaves them, after the one message that stays.
        _file.Execute($"""
            INSERT INTO message(conversation, seq, sender, client_id, created_at, text, expires_at, deleted_at, gone)
            WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= {gone}) SELECT 1, i, 1, 'g' || i, 0, '', 1, 1, 2 FROM n
            """);

        var listed = (await _store.ReadConversationsAsync(_ada.Key, null, 10, default)).Conversations.ShouldHaveSingleItem();
        var history = (await _store.ReadHistoryAsync(_ada.Key, new ConversationTarget(_bob, null), new HistoryRange(50), default))!;

        (listed.HeadSeq, listed.Last!.Seq).ShouldBe((gone + 1, 1));
        history.Messages.ShouldHaveSingleItem().Seq.ShouldBe(1);
        SqliteFile.ConnectionsOf(_store).Skip(1).Sum(SqliteFile.StepsOf).ShouldBeInRange(100, 2_000);
    }

    private async Task ChangeMessagesAsync()
    {
        var with = new ConversationTarget(_bob, null);
        var id = (await AckAsync(new Send(_ada, "m1", _bob, null, "hi"))).Id;
        await DoAsync(new Edit(_ada, id, "hello"), new React(_bob, id, "👍"), new React(_bob, id, null), new Pin(_ada, id, true), new Star(_ada, id, true), new Star(_ada, id, false),
            new Star(_ada, id, true), new Draft(_ada, with, "I beg", id), new Draft(_ada, with, "", null), new Send(_bob, "m2", _ada, null, "yes", ReplyTo: id, Mentions: """["ada"]"""),
            new Send(_bob, "m3", _ada, null, "", ForwardOf: id), new Disappear(_ada, with, 3_600));
        var gone = await AckAsync(new Send(_ada, "m4", _bob, null, "secret"));
        await DoAsync(new Delete(_bob, id, false), new Delete(_ada, id, true));
        _time.Advance(TimeSpan.FromHours(1));
        await DoAsync(new Sweep());
        // The newest that may be seen lies before what is gone and before what is hidden.
        await DoAsync(new Delete(_bob, MessageIds.Make(gone.Conversation, gone.Seq - 1), false));
        foreach (var who in (Account[])[_ada, _bob])
        {
            await _store.ReadConversationsAsync(who.Key, null, 10, default);
            await _store.ReadLogAsync(who.Key, 0, 200, default);
        }

        StarPlace.TryParse($"{long.MaxValue}.{id}", out var place).ShouldBeTrue();
        await _store.ReadStarredAsync(_ada.Key, place, 10, default);
    }

    private async Task LiveInGroupAsync()
    {
        var cy = await AddAsync("cy");
        var group = (await AckAsync(new CreateGroup(_ada, "g1", "Friends", null, [_bob]))).Conversation;
        var target = new ConversationTarget(null, group);
        await DoAsync(new UpdateGroup(_ada, "g2", group, "Crowd"), new AddToGroup(_ada, "g3", group, [cy]), new ChangeRole(_ada, "g4", group, cy, GroupRole.Admin), new Mute(cy, target, Mute.Always),
            new Send(_bob, "g5", null, group, "hi", Mentions: """["cy"]"""), new MoveReceipt(_ada, target, 1, 1), new MarkDelivered(_ada, long.MaxValue), new RemoveFromGroup(_ada, "g6", group, cy),
            new Pin(_ada, $"{group}.1", true), new Disappear(_ada, target, 3_600), new Clear(_bob, target));
        var link = (LinkFrame)((Answered)await _store.SubmitAsync(new LinkGroup(_ada, group, TimeSpan.FromDays(1)))).Frame;
        await ReopenAsync();
        await DoAsync(new JoinGroup(cy, "g7", link.Code), new Send(cy, "g8", null, group, "back"), new LeaveGroup(cy, "g9", group), new MarkDelivered(_ada, long.MaxValue), new MoveReceipt(_ada, target, 3, 3),
            new ChangePrivacy(_ada, Receipts: false), new MarkSeen([(_ada.Key, Timestamp.From(_time.GetUtcNow()))]));
        foreach (var who in (Account[])[_ada, _bob, cy])
        {
            await _store.ReadConversationsAsync(who.Key, null, 10, default);
            await _store.ReadConversationsAsync(who.Key, 3, 10, default);
            await _store.ReadLogAsync(who.Key, 0, 200, default);
            await _store.ReadLogAsync(who.Key, 5, 200, default);
            await _store.ReadPinnedAsync(who.Key, target, default);
        }

        await _store.ReadMembersAsync(_ada.Key, target, null, 10, default);
        await _store.ReadMembersAsync(_ada.Key, target, "bob", 10, default);
        await _store.ReadTypingAudienceAsync(_ada.Key, group, default);
        await _store.ReadSightsAsync(_ada.Key, ["bob", "cy"], default);
        await _store.ReadSightsAsync(_ada.Key, [_bob.Key, cy.Key], default);
        await _store.ReadStandingAsync(_ada.Key, default);
    }

    private async Task CarryAttachmentsAsync()
    {
        foreach (var id in (string[])["a1", "a2"]) await DoAsync(new AddAttachment(new Attachment(id, _ada.Key, "a.txt", "text/plain", 3, 3)));
        var ack = await AckAsync(new Send(_ada, "a1", _bob, null, "look", Attachments: """[{"id":"a1"}]"""));
        await _store.FindAttachmentAsync("a1", default);
        await _store.FindAttachmentInAsync(ack.Conversation, "a1", default);
        await _store.FindVisibleAttachmentAsync(_bob.Key, "a1", default);
        await DoAsync(new Delete(_ada, ack.Id, true), new DoomAttachment("a2"), new ForgetAttachment("a2"));
        await _store.ReadUnusedAttachmentsAsync(_time.GetUtcNow(), 10, default);
    }

    private async Task ModerateAsync()
    {
        var ack = await AckAsync(new Send(_ada, "f1", _bob, null, "spam"));
        await DoAsync(new RaiseFlag(_bob, ack.Id, null, FlagReason.Spam, ""), new RaiseFlag(_bob, ack.Id, null, FlagReason.Spam, ""), new DecideFlag(1, FlagAction.Dismiss),
            new AcceptRequest(_bob, new ConversationTarget(_ada, null)), new Send(_bob, "f2", _ada, null, "hi"));
        await _store.ReadFlagsAsync(true, 0, 10, default);
        await _store.ReadFlagsAsync(false, 0, 10, default);
    }

    /// <summary>What the ledger has in memory is asked of the database again.</summary>
    private async Task ReopenAsync()
    {
        foreach (var statement in SqliteFile.ConnectionsOf(_store).SelectMany(SqliteFile.StatementsOf)) _statements.Add(statement);
        await _store.DisposeAsync();
        _store = _file.Open(time: _time);
    }

    private async Task DoAsync(params Command[] commands)
    {
        foreach (var command in commands) (await _store.SubmitAsync(command)).ShouldNotBeOfType<Refused>($"{command}");
    }

    private async Task<AckFrame> AckAsync(Command command) => (await _store.SubmitAsync(command)).ShouldBeOfType<Acknowledged>().Ack;
}
