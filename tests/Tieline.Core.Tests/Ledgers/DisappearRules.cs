using System.Globalization;
using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Ledgers;

/// <summary>Messages that stay for an hour, and then are nobody's any more.</summary>
public sealed class DisappearRules
{
    private const long Hour = 3_600;

    private readonly Book _book = new();
    private int _ids;

    [Fact]
    public void Later_messages_carry_when_they_go_and_earlier_ones_and_the_notice_stay()
    {
        var before = _book.Send(_book.Ada, _book.Bob);
        Set(_book.Bob, Hour).ShouldBe(new Changed(1));
        var after = _book.Send(_book.Ada, _book.Bob);
        Set(_book.Ada, 0).ShouldBe(new Changed(1));
        _book.Send(_book.Ada, _book.Bob);

        _book.Facts.Messages.Select(message => message.Wire.ExpiresAt).ShouldBe([null, null, new Timestamp(after.CreatedAt.Microseconds + (Hour * 1_000_000)), null, null]);
        _book.Facts.Messages.Select(message => message.Wire.Notice).ShouldBe([null, """{"kind":"disappear","seconds":3600}""", null, """{"kind":"disappear","seconds":0}""", null]);
        (before.Seq, after.Seq).ShouldBe((1, 3));
        _book.MemberOf(_book.Ada, _book.Bob).Unread.ShouldBe(1);
    }

    [Fact]
    public void The_same_setting_again_changes_nothing()
    {
        _book.Send(_book.Ada, _book.Bob);
        Set(_book.Ada, Hour);
        var head = _book.Log(_book.Bob).Count;

        Set(_book.Bob, Hour).ShouldBe(new Changed(0));

        _book.Log(_book.Bob).Count.ShouldBe(head);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3_599)]
    [InlineData(7_776_001)]
    [InlineData(long.MaxValue)]
    public void It_is_an_hour_to_ninety_days(long seconds)
    {
        _book.Send(_book.Ada, _book.Bob);
        RefusalOf(_book.Ada, seconds).ShouldBe(WireError.Invalid);
        foreach (var allowed in (long[])[Hour, 7_776_000, 0]) Set(_book.Ada, allowed).ShouldBe(new Changed(1));
    }

    [Fact]
    public void In_a_group_it_is_for_admins_and_a_stranger_finds_nothing()
    {
        var group = Make(_book.Bob);
        var target = new ConversationTarget(null, group);

        _book.Do(new Disappear(_book.Bob, target, Hour)).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.Forbidden);
        _book.Do(new Disappear(_book.Cy, target, Hour)).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound);
        RefusalOf(_book.Ada, Hour).ShouldBe(WireError.NotFound);
        _book.Do(new Disappear(_book.Ada, target, Hour)).ShouldBe(new Changed(1));
        _book.Do(new Send(_book.Bob, Next(), null, group, "hi"));
        _book.Facts.Messages[^1].Wire.ExpiresAt.ShouldNotBeNull();
    }

    [Fact]
    public void A_block_refuses_it_and_a_request_is_accepted_by_it()
    {
        _book.Send(_book.Ada, _book.Bob);
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Block));
        RefusalOf(_book.Ada, Hour).ShouldBe(WireError.Blocked);

        var asked = new Book(new LedgerRules { Requests = true });
        asked.Send(asked.Ada, asked.Bob);
        asked.MemberOf(asked.Bob, asked.Ada).Request.ShouldBeTrue();
        asked.Do(new Disappear(asked.Bob, new ConversationTarget(asked.Ada, null), Hour)).ShouldBe(new Changed(1));
        asked.MemberOf(asked.Bob, asked.Ada).Request.ShouldBeFalse();
    }

    [Fact]
    public void When_its_time_has_come_it_goes_for_everybody_with_all_that_hung_on_it()
    {
        _book.Do(new AddAttachment(new Attachment("a1", _book.Ada.Key, "a.txt", "text/plain", 3, 3)));
        _book.Send(_book.Ada, _book.Bob);
        Set(_book.Ada, Hour);
        _book.Do(new Send(_book.Ada, "x", _book.Bob, null, "secret", "{}", Attachments: """[{"id":"a1"}]""")).ShouldBeOfType<Acknowledged>();
        var id = _book.Facts.Messages[^1].Wire.Id;
        _book.Do(new React(_book.Bob, id, "🍽"));
        _book.Do(new Pin(_book.Bob, id, true));
        _book.Time.Advance(TimeSpan.FromSeconds(Hour) - TimeSpan.FromTicks(10));
        _book.Do(new Sweep()).ShouldBe(new Changed(0));
        _book.Time.Advance(TimeSpan.FromTicks(10));

        _book.Do(new Sweep()).ShouldBe(new Changed(1));
        _book.Do(new Sweep()).ShouldBe(new Changed(0));

        foreach (var account in (Account[])[_book.Ada, _book.Bob])
        {
            var told = _book.Log(account)[^1].ShouldBeOfType<UpdateFrame>().Message;
            (told.Id, told.Text, told.Card, told.Attachments, told.Reactions, told.PinnedAt, told.Deleted).ShouldBe((id, "", null, null, null, null, true));
            told.ExpiresAt.ShouldBe(Timestamp.From(_book.Time.GetUtcNow()));
        }

        _book.Facts.CountPinned(_book.Facts.Messages[^1].Conversation).ShouldBe(0);
        foreach (var command in (Command[])[new Edit(_book.Ada, id, "x"), new Delete(_book.Ada, id, true), new React(_book.Bob, id, "👍"), new Pin(_book.Bob, id, true), new Star(_book.Bob, id, true),
            new Send(_book.Bob, Next(), _book.Ada, null, "", ForwardOf: id)]) _book.Do(command).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound, $"{command}");
        _book.Do(new Send(_book.Ada, "x", _book.Bob, null, "secret", "{}", Attachments: """[{"id":"a1"}]""")).ShouldBeOfType<Acknowledged>().Ack.Duplicate.ShouldBeTrue();
    }

    [Fact]
    public void It_is_over_from_that_moment_also_before_it_is_swept()
    {
        _book.Send(_book.Ada, _book.Bob);
        Set(_book.Ada, Hour);
        var gone = _book.Send(_book.Ada, _book.Bob, "secret");
        _book.Time.Advance(TimeSpan.FromSeconds(Hour));

        _book.Do(new React(_book.Bob, gone.Id, "👍")).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound);
        _book.Do(new Send(_book.Bob, Next(), _book.Ada, null, "", ForwardOf: gone.Id)).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound);
        _book.Do(new Send(_book.Bob, Next(), _book.Ada, null, "what?", ReplyTo: gone.Id)).ShouldBeOfType<Acknowledged>();
        (_book.Facts.Messages[^1].Wire.ReplyTo, _book.Facts.Messages[^1].Wire.Quote).ShouldBe((gone.Id, null));
    }

    [Fact]
    public void A_quote_of_it_and_what_was_forwarded_before_stay()
    {
        _book.Send(_book.Ada, _book.Bob);
        Set(_book.Ada, Hour);
        var gone = _book.Send(_book.Ada, _book.Bob, "dinner?");
        Set(_book.Ada, 0);
        _book.Do(new Send(_book.Bob, Next(), _book.Ada, null, "yes", ReplyTo: gone.Id));
        _book.Do(new Send(_book.Bob, Next(), _book.Cy, null, "", ForwardOf: gone.Id));
        _book.Time.Advance(TimeSpan.FromDays(1));
        _book.Do(new Sweep()).ShouldBe(new Changed(1));

        _book.Facts.Messages[^2].Wire.Quote!.ShouldContain("dinner?");
        (_book.Facts.Messages[^1].Wire.Text, _book.Facts.Messages[^1].Wire.ExpiresAt).ShouldBe(("dinner?", null));
    }

    [Fact]
    public void Who_has_hidden_it_is_not_told_that_it_goes()
    {
        _book.Send(_book.Ada, _book.Bob);
        Set(_book.Ada, Hour);
        var one = _book.Send(_book.Ada, _book.Bob);
        _book.Do(new Delete(_book.Bob, one.Id, false));
        var head = _book.Log(_book.Bob).Count;
        _book.Time.Advance(TimeSpan.FromSeconds(Hour));

        _book.Do(new Sweep()).ShouldBe(new Changed(1));

        _book.Log(_book.Bob).Count.ShouldBe(head);
        _book.Log(_book.Ada)[^1].ShouldBeOfType<UpdateFrame>();
    }

    [Fact]
    public void Many_go_in_batches_each_once_and_a_failed_commit_loses_none()
    {
        _book.Send(_book.Ada, _book.Bob);
        Set(_book.Ada, Hour);
        for (var i = 0; i < 250; i++) _book.Send(_book.Ada, _book.Bob);
        _book.Time.Advance(TimeSpan.FromSeconds(Hour));

        _book.Fail(new Sweep());
        var outcomes = _book.Batch(new Sweep(), new Sweep());
        outcomes[0].ShouldBe(new Changed(200));
        outcomes[1].ShouldBe(new Changed(0));
        _book.Do(new Sweep()).ShouldBe(new Changed(50));

        _book.Facts.Gone.Count.ShouldBe(250);
        _book.Log(_book.Bob).OfType<UpdateFrame>().Select(frame => frame.Message.Seq).ShouldBeUnique();
    }

    [Fact]
    public void In_a_group_without_anybody_they_go_too()
    {
        var group = Make();
        _book.Do(new Disappear(_book.Ada, new ConversationTarget(null, group), Hour));
        _book.Do(new Send(_book.Ada, Next(), null, group, "hi"));
        _book.Do(new LeaveGroup(_book.Ada, Next(), group)).ShouldBeOfType<Acknowledged>();
        _book.Time.Advance(TimeSpan.FromSeconds(Hour));

        _book.Do(new Sweep()).ShouldBe(new Changed(1));
    }

    private Outcome Set(Account who, long seconds) => _book.Do(new Disappear(who, new ConversationTarget(who == _book.Bob ? _book.Ada : _book.Bob, null), seconds));

    private WireError RefusalOf(Account who, long seconds) => Set(who, seconds).ShouldBeOfType<Refused>().Error;

    private string Make(params Account[] members) =>
        _book.Do(new CreateGroup(_book.Ada, Next(), "Friends", null, members)).ShouldBeOfType<Acknowledged>().Ack.Conversation;

    private string Next() => string.Create(CultureInfo.InvariantCulture, $"n{++_ids}");
}
