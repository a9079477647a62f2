using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Storage;

/// <summary>What was pinned and starred, and what the list shows of a chat.</summary>
public abstract partial class MessageStoreSpecification
{
    [Fact]
    public async Task Pins_are_everybodys_and_the_newest_is_first()
    {
        var acks = new List<AckFrame>();
        foreach (var text in (string[])["one", "two", "three", "four"])
        {
            acks.Add(await SendAsync(Ada, Bob, text));
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        foreach (var at in (int[])[2, 0, 3, 1])
        {
            await ChangeAsync(new Pin(at % 2 == 0 ? Ada : Bob, acks[at].Id, true));
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        await ChangeAsync(new Pin(Bob, acks[3].Id, false));
        await ReopenAsync();

        (await PinnedAsync(Ada, Bob)).ShouldBe(["two", "one", "three"]);
        (await PinnedAsync(Bob, Ada)).ShouldBe(["two", "one", "three"]);
        (await Store.ReadPinnedAsync(Cy.Key, new ConversationTarget(null, acks[0].Conversation), default)).ShouldBeNull();

        await ChangeAsync(new Delete(Bob, acks[0].Id, false));
        await ChangeAsync(new Delete(Ada, acks[2].Id, true));
        (await PinnedAsync(Ada, Bob)).ShouldBe(["two", "one"]);
        (await PinnedAsync(Bob, Ada)).ShouldBe(["two"]);
        await ChangeAsync(new Clear(Bob, With(Ada)));
        (await PinnedAsync(Bob, Ada)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(100)]
    public async Task Pages_of_stars_together_are_the_stars_also_of_those_set_at_once(int size)
    {
        var acks = new List<AckFrame>();
        for (var i = 0; i < 4; i++)
        {
            acks.Add(await SendAsync(Ada, Bob, $"to bob {i}"));
            acks.Add(await SendAsync(Cy, Ada, $"from cy {i}"));
        }

        await ChangeAsync(new Star(Bob, acks[0].Id, true));
        await Task.WhenAll(await InOneBatchAsync([.. acks.Skip(1).Select(ack => (Command)new Star(Ada, ack.Id, true))]));
        Time.Advance(TimeSpan.FromSeconds(1));
        await ChangeAsync(new Star(Ada, acks[0].Id, true));
        await ReopenAsync();

        var found = new List<WireMessage>();
        StarPlace? before = null;
        do
        {
            var page = await Store.ReadStarredAsync(Ada.Key, before, size, default);
            page.Messages.Count.ShouldBeInRange(1, size);
            found.AddRange(page.Messages);
            before = page.Next;
            if (before is { } place) StarPlace.TryParse(place.ToString(), out var read).ShouldBe(read == place);
        }
        while (before is not null);

        found[0].Text.ShouldBe("to bob 0");
        found.Select(message => message.Id).Order().ShouldBe(acks.Select(ack => ack.Id).Order());
        (await StarredAsync(Bob)).ShouldBe(["to bob 0"]);
        (await StarredAsync(Cy)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Among_the_stars_is_nothing_that_one_may_not_see_any_more()
    {
        var acks = new List<AckFrame>();
        foreach (var text in (string[])["kept", "hidden", "deleted", "unstarred"]) acks.Add(await SendAsync(Ada, Bob, text));
        var cleared = await SendAsync(Cy, Bob, "cleared");
        foreach (var ack in (AckFrame[])[.. acks, cleared]) await ChangeAsync(new Star(Bob, ack.Id, true));

        await ChangeAsync(new Delete(Bob, acks[1].Id, false));
        await ChangeAsync(new Delete(Ada, acks[2].Id, true));
        await ChangeAsync(new Star(Bob, acks[3].Id, false));
        await ChangeAsync(new Clear(Bob, With(Cy)));

        (await StarredAsync(Bob)).ShouldBe(["kept"]);
    }

    [Fact]
    public async Task The_list_shows_the_newest_message_that_one_may_see_and_what_one_has_begun_to_write()
    {
        var acks = new List<AckFrame>();
        foreach (var text in (string[])["one", "two", "three"]) acks.Add(await SendAsync(Ada, Bob, text));
        await ChangeAsync(new Draft(Bob, With(Ada), "I beg", acks[1].Id));
        await ChangeAsync(new Delete(Bob, acks[2].Id, false));
        await ChangeAsync(new Delete(Bob, acks[1].Id, false));
        await ReopenAsync();

        var (bobs, adas) = (await ReadConversationAsync(Bob, Ada), await ReadConversationAsync(Ada, Bob));
        (bobs.Last!.Text, bobs.HeadSeq, bobs.Draft).ShouldBe(("one", 3, new WireDraft("I beg", acks[1].Id)));
        (adas.Last!.Text, adas.HeadSeq, adas.Draft).ShouldBe(("three", 3, null));

        await ChangeAsync(new Delete(Bob, acks[0].Id, false));
        await ChangeAsync(new Draft(Bob, With(Ada), "", null));
        bobs = await ReadConversationAsync(Bob, Ada);
        (bobs.Last, bobs.HeadSeq, bobs.Draft).ShouldBe((null, 3, null));
        await SendAsync(Ada, Bob, "four");
        (await ReadConversationAsync(Bob, Ada)).Last!.Text.ShouldBe("four");
    }

    [Fact]
    public async Task A_group_in_the_list_shows_no_message_that_was_deleted_for_me_or_that_I_have_cleared()
    {
        var group = await MakeGroupAsync(Ada, GroupHistory.Joined, Bob);
        await SayAsync(Ada, group, "seen");
        var last = await SayAsync(Ada, group, "not seen");
        await ChangeAsync(new Delete(Bob, last.Id, false));

        (await ReadGroupAsync(Bob, group)).Last!.Text.ShouldBe("seen");
        (await ReadGroupAsync(Bob, group)).HeadSeq.ShouldBe(3);
        (await ReadGroupAsync(Ada, group)).Last!.Text.ShouldBe("not seen");
    }

    private async Task<List<string>> PinnedAsync(Account who, Account peer) =>
        [.. (await Store.ReadPinnedAsync(who.Key, With(peer), default)).ShouldNotBeNull().Select(message => message.Text)];

    private async Task<List<string>> StarredAsync(Account who) => [.. (await Store.ReadStarredAsync(who.Key, null, 100, default)).Messages.Select(message => message.Text)];
}
