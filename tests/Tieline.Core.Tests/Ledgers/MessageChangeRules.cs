using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Ledgers;

public sealed class MessageChangeRules
{
    private readonly Book _book = new();

    [Fact]
    public void An_edit_is_told_to_both_as_the_message_now_is()
    {
        var ack = _book.Send(_book.Ada, _book.Bob, "helo");

        _book.Do(new Edit(_book.Ada, ack.Id, "hello")).ShouldBe(new Changed(1));

        foreach (var account in (Account[])[_book.Ada, _book.Bob])
        {
            var update = _book.Log(account)[^1].ShouldBeOfType<UpdateFrame>();
            update.Message.Text.ShouldBe("hello");
            update.Message.EditedAt.ShouldNotBeNull();
        }

        _book.Facts.Edits.ShouldHaveSingleItem().Text.ShouldBe("helo");
    }

    [Fact]
    public void The_same_edit_again_changes_nothing_also_when_the_time_for_it_is_over()
    {
        var ack = _book.Send(_book.Ada, _book.Bob, "helo");
        _book.Do(new Edit(_book.Ada, ack.Id, "hello"));
        var before = _book.Log(_book.Bob).Count;
        _book.Time.Advance(TimeSpan.FromHours(1));

        _book.Do(new Edit(_book.Ada, ack.Id, "hello")).ShouldBe(new Changed(0));

        _book.Log(_book.Bob).Count.ShouldBe(before);
    }

    [Fact]
    public void Only_the_author_edits_and_only_within_the_window()
    {
        var ack = _book.Send(_book.Ada, _book.Bob);
        RefusalOf(new Edit(_book.Bob, ack.Id, "mine")).ShouldBe(WireError.Forbidden);
        _book.Time.Advance(TimeSpan.FromMinutes(15));
        RefusalOf(new Edit(_book.Ada, ack.Id, "late")).ShouldBe(WireError.Forbidden);
    }

    [Fact]
    public void A_stranger_learns_nothing_of_a_message()
    {
        var ack = _book.Send(_book.Ada, _book.Bob);
        foreach (var command in (Command[])[new Edit(_book.Cy, ack.Id, "x"), new Delete(_book.Cy, ack.Id, true), new Delete(_book.Cy, ack.Id, false),
            new React(_book.Cy, ack.Id, "🍽"), new Pin(_book.Cy, ack.Id, true), new Star(_book.Cy, ack.Id, true)])
            RefusalOf(command).ShouldBe(WireError.NotFound);
    }

    [Fact]
    public void A_message_deleted_for_all_is_a_tombstone_without_content()
    {
        var ack = _book.Send(_book.Ada, _book.Bob, "oops");
        _book.Do(new React(_book.Bob, ack.Id, "🍽"));
        _book.Do(new Pin(_book.Bob, ack.Id, true));

        RefusalOf(new Delete(_book.Bob, ack.Id, true)).ShouldBe(WireError.Forbidden);
        _book.Do(new Delete(_book.Ada, ack.Id, true)).ShouldBe(new Changed(1));
        _book.Do(new Delete(_book.Ada, ack.Id, true)).ShouldBe(new Changed(0));

        var message = _book.Log(_book.Bob)[^1].ShouldBeOfType<UpdateFrame>().Message;
        (message.Text, message.Deleted, message.Reactions, message.PinnedAt).ShouldBe(("", true, null, null));
        RefusalOf(new Edit(_book.Ada, ack.Id, "again")).ShouldBe(WireError.Forbidden);
    }

    [Fact]
    public void A_message_deleted_for_me_is_there_for_the_other()
    {
        var ack = _book.Send(_book.Ada, _book.Bob);

        _book.Do(new Delete(_book.Bob, ack.Id, false)).ShouldBe(new Changed(1));
        _book.Do(new Delete(_book.Bob, ack.Id, false)).ShouldBe(new Changed(0));
        _book.Log(_book.Bob)[^1].ShouldBeOfType<HiddenFrame>().Seq.ShouldBe(1);
        var bobs = _book.Log(_book.Bob).Count;

        _book.Do(new Edit(_book.Ada, ack.Id, "for ada only")).ShouldBe(new Changed(1));
        _book.Log(_book.Bob).Count.ShouldBe(bobs);
        RefusalOf(new React(_book.Bob, ack.Id, "🍽")).ShouldBe(WireError.NotFound);
    }

    [Fact]
    public void Everybody_has_one_reaction()
    {
        var ack = _book.Send(_book.Ada, _book.Bob);
        _book.Do(new React(_book.Bob, ack.Id, "🍽"));
        _book.Do(new React(_book.Ada, ack.Id, "🍽"));
        Reactions().ShouldBe("""[{"emoji":"\uD83C\uDF7D","count":2,"users":["bob","ada"]}]""");
        _book.Do(new React(_book.Bob, ack.Id, "👍")).ShouldBe(new Changed(1));
        _book.Do(new React(_book.Bob, ack.Id, "👍")).ShouldBe(new Changed(0));
        Reactions().ShouldBe("""[{"emoji":"\uD83C\uDF7D","count":1,"users":["ada"]},{"emoji":"\uD83D\uDC4D","count":1,"users":["bob"]}]""");
        _book.Batch(new React(_book.Bob, ack.Id, null), new React(_book.Ada, ack.Id, null));
        Reactions().ShouldBeNull();

        string? Reactions() => _book.Log(_book.Ada)[^1].ShouldBeOfType<UpdateFrame>().Message.Reactions;
    }

    [Theory]
    [InlineData("🍽", true)]
    [InlineData("👨‍👩‍👧", true)]
    [InlineData("🇩🇪", true)]
    [InlineData("1️⃣", true)]
    [InlineData("", false)]
    [InlineData("a", false)]
    [InlineData("👍👍", false)]
    [InlineData("👍 ", false)]
    [InlineData("\u00a0", false)]
    [InlineData("\u0085", false)]
    public void A_reaction_is_one_emoji(string text, bool valid) => ReactionRules.IsEmoji(text).ShouldBe(valid);

    [Fact]
    public void At_most_twenty_messages_are_pinned_also_within_one_batch()
    {
        var acks = Enumerable.Range(0, 21).Select(_ => _book.Send(_book.Ada, _book.Bob)).ToArray();

        var outcomes = _book.Batch([.. acks.Select(ack => (Command)new Pin(_book.Ada, ack.Id, true))]);

        outcomes[..20].ShouldAllBe(outcome => outcome is Changed);
        outcomes[20].ShouldBeOfType<Refused>().Error.ShouldBe(WireError.Conflict);
        _book.Do(new Delete(_book.Ada, acks[0].Id, true));
        _book.Do(new Pin(_book.Ada, acks[20].Id, true)).ShouldBe(new Changed(1));
    }

    [Fact]
    public void Stars_and_drafts_are_told_to_their_owner_only()
    {
        var ack = _book.Send(_book.Ada, _book.Bob);
        var bobs = _book.Log(_book.Bob).Count;

        _book.Do(new Star(_book.Ada, ack.Id, true)).ShouldBe(new Changed(1));
        _book.Do(new Star(_book.Ada, ack.Id, true)).ShouldBe(new Changed(0));
        _book.Do(new Draft(_book.Ada, new ConversationTarget(_book.Bob, null), "I beg", null)).ShouldBe(new Changed(1));
        _book.Do(new Draft(_book.Ada, new ConversationTarget(null, ack.Conversation), "I beg", null)).ShouldBe(new Changed(0));
        _book.Do(new Draft(_book.Ada, new ConversationTarget(null, ack.Conversation), " ", null)).ShouldBe(new Changed(1));

        _book.Log(_book.Ada)[^1].ShouldBeOfType<DraftedFrame>().Text.ShouldBeNull();
        _book.Log(_book.Bob).Count.ShouldBe(bobs);
    }

    [Fact]
    public void A_block_refuses_what_is_new_and_lets_take_back()
    {
        var ack = _book.Send(_book.Ada, _book.Bob);
        _book.Do(new React(_book.Ada, ack.Id, "🍽"));
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Block));

        RefusalOf(new Edit(_book.Ada, ack.Id, "insult")).ShouldBe(WireError.Blocked);
        RefusalOf(new React(_book.Ada, ack.Id, "👎")).ShouldBe(WireError.Blocked);
        RefusalOf(new Pin(_book.Ada, ack.Id, true)).ShouldBe(WireError.Blocked);
        _book.Do(new React(_book.Ada, ack.Id, null)).ShouldBe(new Changed(1));
        _book.Do(new Delete(_book.Ada, ack.Id, true)).ShouldBe(new Changed(1));
    }

    [Fact]
    public void Who_has_left_a_group_is_told_what_becomes_of_what_he_saw_and_of_nothing_else()
    {
        var group = ((Acknowledged)_book.Do(new CreateGroup(_book.Ada, "g", "Friends", null, [_book.Bob, _book.Cy]))).Ack.Conversation;
        var seen = Say("seen");
        var hidden = Say("hidden");
        _book.Do(new Delete(_book.Bob, hidden, false));
        _book.Do(new LeaveGroup(_book.Bob, "l", group));
        var after = Say("after");
        var head = _book.Log(_book.Bob).Count;

        foreach (var id in (string[])[seen, hidden, after]) _book.Do(new Delete(_book.Ada, id, true)).ShouldBe(new Changed(1));

        _book.Log(_book.Bob).Skip(head).ShouldHaveSingleItem().ShouldBeOfType<UpdateFrame>().Message.Id.ShouldBe(seen);
        _book.Log(_book.Cy).OfType<UpdateFrame>().Count().ShouldBe(2);
        _book.Positions(_book.Bob).ShouldBe(Enumerable.Range(1, head + 1).Select(pos => (long)pos));

        string Say(string text) => ((Acknowledged)_book.Do(new Send(_book.Ada, text, null, group, text))).Ack.Id;
    }

    [Fact]
    public void A_message_may_be_changed_in_the_batch_that_stores_it()
    {
        var first = _book.Send(_book.Ada, _book.Bob);
        var second = first.Id.Replace(".1", ".2", StringComparison.Ordinal);

        var outcomes = _book.Batch(new Send(_book.Ada, "s2", _book.Bob, null, "two"), new Edit(_book.Ada, second, "too"), new Delete(_book.Bob, second, false));

        outcomes[1].ShouldBe(new Changed(1));
        outcomes[2].ShouldBe(new Changed(1));
        _book.Facts.Messages[^1].Wire.Text.ShouldBe("too");
    }

    private WireError RefusalOf(Command command) => _book.Do(command).ShouldBeOfType<Refused>().Error;
}
