using System.Text.Json;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol;

namespace Tieline.Core.Tests.Ledgers;

public sealed class ModerationRules
{
    private readonly Book _book = new();

    /// <summary>The conversation has ten messages of ada.</summary>
    [Theory]
    [InlineData(5, new long[] { 3, 4, 5, 6, 7 })]
    [InlineData(10, new long[] { 6, 7, 8, 9, 10 })]
    [InlineData(1, new long[] { 1, 2, 3 })]
    public void A_flag_keeps_the_five_messages_around_it(long seq, long[] expected)
    {
        SendMany(10);

        Flag(_book.Bob, seq).ShouldBe(new Changed(1));

        Context().ShouldBe(expected);
    }

    [Fact]
    public void What_the_reporter_has_cleared_is_not_among_them()
    {
        SendMany(3);
        _book.Do(new Clear(_book.Bob, new ConversationTarget(_book.Ada, null)));
        SendMany(2);

        Flag(_book.Bob, 2).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound);
        Flag(_book.Bob, 4).ShouldBe(new Changed(1));

        Context().ShouldBe([4, 5]);
    }

    [Fact]
    public void The_same_again_is_none_also_within_one_batch()
    {
        SendMany(1);
        var flag = new RaiseFlag(_book.Bob, Id(1), null, FlagReason.Spam, "");

        _book.Batch(flag, flag).ShouldBe([new Changed(1), new Changed(0)]);

        Flag(_book.Bob, 1).ShouldBe(new Changed(0));
        _book.Facts.Flags.Count.ShouldBe(1);
    }

    [Fact]
    public void Suspension_refuses_sends_and_not_what_was_sent_before()
    {
        SendMany(1);
        var before = _book.Send(_book.Ada, _book.Bob, "before", "b1");
        Flag(_book.Bob, 1);

        _book.Do(new DecideFlag(1, FlagAction.SuspendUser)).ShouldBe(new Changed(1));

        _book.Do(new Send(_book.Ada, "s1", _book.Bob, null, "spam")).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.Forbidden);
        _book.Send(_book.Ada, _book.Bob, "before", "b1").ShouldBe(before with { Duplicate = true });
        _book.Do(new DecideFlag(1, FlagAction.RestoreUser)).ShouldBe(new Changed(1));
        _book.Send(_book.Ada, _book.Bob);
    }

    [Fact]
    public void The_message_may_be_deleted_for_all_and_the_flag_keeps_what_it_said()
    {
        SendMany(2);
        Flag(_book.Bob, 1);

        _book.Do(new DecideFlag(1, FlagAction.DeleteMessage)).ShouldBe(new Changed(1));
        _book.Do(new DecideFlag(1, FlagAction.DeleteMessage)).ShouldBe(new Changed(0));

        foreach (var account in (Account[])[_book.Ada, _book.Bob])
            _book.Log(account)[^1].ShouldBeOfType<Protocol.Frames.UpdateFrame>().Message.ShouldSatisfyAllConditions(message => message.Deleted.ShouldBeTrue(), message => message.Text.ShouldBeEmpty());
        _book.Facts.Flags[1].Context.ShouldContain("message 1");
    }

    [Fact]
    public void A_flag_about_a_person_has_no_message_to_delete()
    {
        _book.Do(new RaiseFlag(_book.Bob, null, _book.Cy, FlagReason.Other, "")).ShouldBe(new Changed(1));

        _book.Do(new DecideFlag(1, FlagAction.DeleteMessage)).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.Invalid);
        _book.Do(new DecideFlag(2, FlagAction.Dismiss)).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound);
        _book.Do(new DecideFlag(1, FlagAction.Dismiss)).ShouldBe(new Changed(1));
    }

    [Fact]
    public void Nobody_reports_himself_or_what_he_is_not_told()
    {
        SendMany(1);

        Flag(_book.Ada, 1).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.Self);
        Flag(_book.Cy, 1).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound);
        Flag(_book.Bob, 9).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound);
    }

    private string Id(long seq) => MessageIds.Make(_book.Facts.FindDirect(_book.Ada.Key, _book.Bob.Key)!.Id, seq);

    private Outcome Flag(Account who, long seq) => _book.Do(new RaiseFlag(who, Id(seq), null, FlagReason.Abuse, ""));

    private void SendMany(int count)
    {
        for (var i = 1; i <= count; i++) _book.Send(_book.Ada, _book.Bob, $"message {i}");
    }

    private List<long> Context()
    {
        using var context = JsonDocument.Parse(_book.Facts.Flags.Values.Last().Context);
        return [.. context.RootElement.EnumerateArray().Select(message => message.GetProperty("seq").GetInt64())];
    }
}
