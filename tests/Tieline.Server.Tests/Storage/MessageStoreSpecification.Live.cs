using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Storage;

public abstract partial class MessageStoreSpecification
{
    [Fact]
    public async Task Privacy_is_stored_and_replayed_as_it_stands_now()
    {
        await ChangeAsync(new ChangePrivacy(Ada, Receipts: false));
        await ChangeAsync(new ChangePrivacy(Ada, Online: false));
        await ReopenAsync();

        (await Store.ReadStandingAsync(Ada.Key, default)).ShouldBe(new Standing(new Privacy(false, false, true, true), false));
        (await ReadLogAsync(Ada)).ShouldBe([new ServerPrivacyFrame(1, false, false, true, true), new ServerPrivacyFrame(2, false, false, true, true)]);
        (await Store.ReadStandingAsync(Bob.Key, default)).ShouldBe(Standing.Good);
    }

    [Fact]
    public async Task A_sight_knows_of_chats_blocks_privacy_and_the_last_moment()
    {
        await SendAsync(Ada, Bob);
        await ChangeAsync(new ChangeRelation(Bob, Ada, RelationChange.Block));
        await ChangeAsync(new ChangePrivacy(Bob, LastSeen: false));
        var seen = Timestamp.From(Time.GetUtcNow());
        await ChangeAsync(new MarkSeen([(Bob.Key, seen), (Cy.Key, seen)]));

        var sights = await Store.ReadSightsAsync(Ada.Key, ["bob", "cy", "nobody", "ada", "bob"], default);

        sights.Select(sight => sight.Id).ShouldBe(["bob", "cy"]);
        (sights[0].Sight.SharesChat, sights[0].Sight.Blocked, sights[0].Sight.Of.LastSeen, sights[0].Sight.Seen).ShouldBe((true, true, false, seen));
        (sights[1].Sight.SharesChat, sights[1].Sight.Blocked).ShouldBe((false, false));
        (await Store.ReadSightsAsync(Bob.Key, [Ada.Key], default)).Single().Sight.ShouldSatisfyAllConditions(
            sight => sight.Blocked.ShouldBeTrue(), sight => sight.Viewer.LastSeen.ShouldBeFalse(), sight => sight.Seen.ShouldBeNull());
    }

    [Fact]
    public async Task The_last_moment_never_steps_back()
    {
        var late = Timestamp.From(Time.GetUtcNow());
        await ChangeAsync(new MarkSeen([(Bob.Key, late)]));
        await ChangeAsync(new MarkSeen([(Bob.Key, new Timestamp(late.Microseconds - 1))]));

        (await Store.ReadSightsAsync(Ada.Key, ["bob"], default)).Single().Sight.Seen.ShouldBe(late);
    }

    [Fact]
    public async Task Who_may_see_typing_is_the_other_member_and_nobody_behind_a_block()
    {
        var conversation = (await SendAsync(Ada, Bob)).Conversation;
        (await Store.ReadTypingAudienceAsync(Ada.Key, conversation, default)).ShouldBe([Bob.Key]);
        (await Store.ReadTypingAudienceAsync(Cy.Key, conversation, default)).ShouldBeNull();
        (await Store.ReadTypingAudienceAsync(Ada.Key, "nowhere", default)).ShouldBeNull();

        await ChangeAsync(new ChangeRelation(Bob, Ada, RelationChange.Block));

        (await Store.ReadTypingAudienceAsync(Ada.Key, conversation, default)).ShouldBe([]);
        (await Store.ReadTypingAudienceAsync(Bob.Key, conversation, default)).ShouldBe([]);
    }

    [Fact]
    public async Task A_flag_is_kept_with_its_context_and_its_decision()
    {
        var ack = await SendAsync(Ada, Bob, "buy this");
        await ChangeAsync(new RaiseFlag(Bob, ack.Id, null, FlagReason.Spam, "every day"));
        await ChangeAsync(new RaiseFlag(Bob, null, Cy, FlagReason.Other, ""));
        await ReopenAsync();

        var open = await Store.ReadFlagsAsync(true, 0, 10, default);
        open.Select(flag => (flag.Id, flag.ReporterId, flag.UserId, flag.ConversationId, flag.Seq, flag.Reason, flag.Text))
            .ShouldBe([(1, "bob", "ada", ack.Conversation, 1, FlagReason.Spam, "every day"), (2, "bob", "cy", null, 0, FlagReason.Other, "")]);
        open[0].Context.ShouldContain("buy this");
        (await ChangeAsync(new RaiseFlag(Bob, ack.Id, null, FlagReason.Spam, ""))).ShouldBe(0);

        await ChangeAsync(new DecideFlag(1, FlagAction.SuspendUser));
        await ReopenAsync();

        (await Store.ReadFlagsAsync(true, 0, 10, default)).Select(flag => flag.Id).ShouldBe([2]);
        (await Store.ReadFlagsAsync(false, 0, 10, default)).Single().Decision.ShouldBe(FlagAction.SuspendUser);
        ErrorOf(await Store.SubmitAsync(Message(Ada, Bob))).ShouldBe(WireError.Forbidden);
        (await Store.ReadStandingAsync(Ada.Key, default)).Suspended.ShouldBeTrue();
    }
}
