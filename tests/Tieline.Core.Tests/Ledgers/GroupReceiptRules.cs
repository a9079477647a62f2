using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Ledgers;

/// <summary>What is unread, read and muted in a group.</summary>
public sealed class GroupReceiptRules
{
    private readonly Book _book = new();
    private int _ids;

    [Fact]
    public void Unread_is_what_others_wrote_after_what_was_read()
    {
        var id = Make(_book.Bob, _book.Cy);
        foreach (var who in (Account[])[_book.Ada, _book.Bob, _book.Cy, _book.Bob, _book.Ada]) Say(who, id);

        UnreadOf(_book.Bob, id).ShouldBe(4);
        Read(_book.Bob, id, 3).ShouldBe(2);
        UnreadOf(_book.Bob, id).ShouldBe(2);
        Read(_book.Bob, id, 4).ShouldBe(1);
        Read(_book.Bob, id, 5).ShouldBe(0);
        Read(_book.Bob, id, 6).ShouldBe(1);
        UnreadOf(_book.Bob, id).ShouldBe(0);
        Say(_book.Bob, id);
        UnreadOf(_book.Bob, id).ShouldBe(0);
        Say(_book.Cy, id);
        _book.Do(new Clear(_book.Bob, new ConversationTarget(null, id))).ShouldBe(new Changed(8));
        UnreadOf(_book.Bob, id).ShouldBe(0);
    }

    [Fact]
    public void What_came_after_the_message_up_to_which_it_was_cleared_stays_unread_but_for_ones_own()
    {
        var id = Make(_book.Bob, _book.Cy);
        foreach (var who in (Account[])[_book.Ada, _book.Bob, _book.Cy, _book.Bob, _book.Ada]) Say(who, id);

        _book.Do(new Clear(_book.Bob, new ConversationTarget(null, id), UpTo: 3)).ShouldBe(new Changed(3));

        UnreadOf(_book.Bob, id).ShouldBe(2);
        Say(_book.Bob, id);
        UnreadOf(_book.Bob, id).ShouldBe(2);
    }

    [Fact]
    public void The_authors_of_what_was_read_learn_of_it_and_nobody_else()
    {
        var id = Make(_book.Bob, _book.Cy);
        Say(_book.Cy, id);
        Read(_book.Bob, id, 1);
        var (adas, cys) = (_book.Log(_book.Ada).Count, _book.Log(_book.Cy).Count);

        Read(_book.Bob, id, 2);

        _book.Log(_book.Ada).Count.ShouldBe(adas);
        _book.Log(_book.Cy).Count.ShouldBe(cys + 1);
        _book.Log(_book.Cy)[^1].ShouldBeOfType<ReceiptFrame>().ShouldSatisfyAllConditions(
            receipt => receipt.User.ShouldBe("bob"), receipt => receipt.ReadSeq.ShouldBe(2), receipt => receipt.Conversation.ShouldBe(id));
    }

    [Fact]
    public void An_author_who_is_blocked_by_the_reader_does_not_learn_of_it()
    {
        var id = Make(_book.Bob, _book.Cy);
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Block));
        var before = _book.Log(_book.Ada).Count;

        Read(_book.Bob, id, 1);

        _book.Log(_book.Ada).Count.ShouldBe(before);
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void In_a_large_group_nobody_is_told(int members, bool told)
    {
        var id = Make([_book.Bob, .. Enumerable.Range(0, members - 2).Select(number => Somebody($"p{number}"))]);
        var before = _book.Log(_book.Ada).Count;

        Read(_book.Bob, id, 1);

        (_book.Log(_book.Ada).Count > before).ShouldBe(told);
        _book.Facts.FindConversation(id)!.Member(_book.Bob.Key)!.ReadSeq.ShouldBe(1);
    }

    [Fact]
    public void A_delivered_position_counts_in_groups_too()
    {
        var id = Make(_book.Bob);
        Say(_book.Ada, id);

        _book.Do(new MarkDelivered(_book.Bob, _book.Positions(_book.Bob)[^1]));

        _book.Facts.FindConversation(id)!.Member(_book.Bob.Key)!.DeliveredSeq.ShouldBe(2);
        _book.Log(_book.Ada)[^1].ShouldBeOfType<ReceiptFrame>().DeliveredSeq.ShouldBe(2);
    }

    [Fact]
    public void A_group_is_muted_for_one_member_until_a_moment()
    {
        var id = Make(_book.Bob);
        var until = Timestamp.From(_book.Time.GetUtcNow() + TimeSpan.FromHours(8)).Microseconds;
        var (adas, bobs) = (_book.Log(_book.Ada).Count, _book.Log(_book.Bob).Count);

        _book.Do(new Mute(_book.Bob, new ConversationTarget(null, id), until)).ShouldBe(new Changed(1));
        _book.Do(new Mute(_book.Bob, new ConversationTarget(null, id), until)).ShouldBe(new Changed(0));

        (_book.Log(_book.Ada).Count, _book.Log(_book.Bob).Count).ShouldBe((adas, bobs + 1));
        _book.Facts.FindConversation(id)!.Member(_book.Bob.Key)!.MutedUntil.ShouldBe(until);
        _book.Do(new Mute(_book.Bob, new ConversationTarget(null, id), null)).ShouldBe(new Changed(1));
        _book.Do(new Mute(_book.Bob, new ConversationTarget(null, id), 1)).ShouldBe(new Changed(0));
    }

    [Fact]
    public void A_direct_chat_is_muted_as_its_person_is()
    {
        var id = _book.Send(_book.Ada, _book.Bob).Conversation;
        var until = Timestamp.From(_book.Time.GetUtcNow() + TimeSpan.FromDays(7)).Microseconds;

        _book.Do(new Mute(_book.Bob, new ConversationTarget(null, id), until)).ShouldBe(new Changed(1));
        RelationOfBob.ShouldSatisfyAllConditions(relation => relation.Muted.ShouldBeTrue(), relation => relation.MutedUntil.ShouldBe(until),
            relation => relation.IsMuted(until - 1).ShouldBeTrue(), relation => relation.IsMuted(until).ShouldBeFalse());
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Mute)).ShouldBe(new Changed(1));
        RelationOfBob.MutedUntil.ShouldBeNull();
        _book.Do(new Mute(_book.Bob, new ConversationTarget(_book.Ada, null), Mute.Always)).ShouldBe(new Changed(0));
        _book.Do(new Mute(_book.Bob, new ConversationTarget(_book.Ada, null), null)).ShouldBe(new Changed(1));
        RelationOfBob.Muted.ShouldBeFalse();
    }

    private Relation RelationOfBob => _book.Facts.FindRelation(_book.Bob.Key, _book.Ada.Key);

    private string Make(params Account[] members) =>
        _book.Do(new CreateGroup(_book.Ada, Next(), "Friends", null, members)).ShouldBeOfType<Acknowledged>().Ack.Conversation;

    private void Say(Account who, string id) => _book.Do(new Send(who, Next(), null, id, "hi")).ShouldBeOfType<Acknowledged>();

    private long Read(Account who, string id, long seq) => _book.Do(new MoveReceipt(who, new ConversationTarget(null, id), 0, seq)).ShouldBeOfType<Changed>().Count;

    private long UnreadOf(Account who, string id)
    {
        var group = _book.Facts.FindConversation(id)!;
        return group.UnreadOf(group.Member(who.Key)!);
    }

    private Account Somebody(string name) => ((AccountAdded)_book.Do(new AddAccount(new AccountDraft(name, null, name)))).Account;

    private string Next() => $"n{++_ids}";
}
