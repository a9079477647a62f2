using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Ledgers;

/// <summary>A group made by ada: who may do what in it, and who learns of it.</summary>
public sealed class GroupMemberRules
{
    private readonly Book _book = new();
    private int _ids;

    [Fact]
    public void Its_maker_owns_it_and_everybody_in_it_has_the_notice()
    {
        var id = Make(_book.Bob, _book.Cy);

        var group = _book.Facts.FindConversation(id)!;
        group.Members.Select(member => (member.AccountId, member.Role)).ShouldBe([("ada", GroupRole.Owner), ("bob", GroupRole.Member), ("cy", GroupRole.Member)]);
        foreach (var person in (Account[])[_book.Ada, _book.Bob, _book.Cy])
            NoticesOf(person).ShouldBe(["""{"kind":"created","name":"Friends","members":3}"""]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("two\nlines")]
    public void It_needs_a_name(string name) =>
        Refusal(new CreateGroup(_book.Ada, Next(), name, null, [])).ShouldBe(WireError.Invalid);

    [Fact]
    public void Named_again_with_the_same_client_id_it_is_the_same_group()
    {
        var create = new CreateGroup(_book.Ada, "g1", "Friends", null, [_book.Bob]);
        var first = Ack(create);

        var again = Ack(create);

        (again with { Duplicate = false }).ShouldBe(first);
        again.Duplicate.ShouldBeTrue();
        Refusal(create with { Name = "Others" }).ShouldBe(WireError.Conflict);
        _book.Facts.Messages.Count.ShouldBe(1);
    }

    [Fact]
    public void It_has_at_most_a_thousand_members()
    {
        var many = Enumerable.Range(0, 1_000).Select(number => new Account(new AccountKey(1_000 + number), $"p{number}", null, "P", null, null, null)).ToList();

        Refusal(new CreateGroup(_book.Ada, Next(), "Crowd", null, many)).ShouldBe(WireError.Invalid);
        var id = Ack(new CreateGroup(_book.Ada, Next(), "Crowd", null, [.. many.Skip(1)])).Conversation;
        Refusal(new AddToGroup(_book.Ada, Next(), id, [many[0]])).ShouldBe(WireError.Invalid);
    }

    /// <summary>Bob is a member, cy an admin.</summary>
    [Theory]
    [InlineData("bob", false)]
    [InlineData("cy", true)]
    [InlineData("ada", true)]
    public void Admins_change_it_and_members_do_not(string who, bool may)
    {
        var id = Make(_book.Bob, _book.Cy);
        _book.Do(new ChangeRole(_book.Ada, Next(), id, _book.Cy, GroupRole.Admin)).ShouldBeOfType<Acknowledged>();
        var person = Person(who);
        var dee = Somebody("dee");

        foreach (var command in (Command[])
        [
            new UpdateGroup(person, Next(), id, Name: "Other " + who), new AddToGroup(person, Next(), id, [dee]), new RemoveFromGroup(person, Next(), id, dee),
            new LinkGroup(person, id, TimeSpan.FromDays(1)), new LinkGroup(person, id, null),
        ])
            (_book.Do(command) is not Refused { Error.Code: "forbidden" }).ShouldBe(may, command.ToString());
    }

    [Fact]
    public void Only_the_owner_gives_roles_and_giving_the_group_away_leaves_an_admin()
    {
        var id = Make(_book.Bob, _book.Cy);
        _book.Do(new ChangeRole(_book.Ada, Next(), id, _book.Bob, GroupRole.Admin)).ShouldBeOfType<Acknowledged>();

        Refusal(new ChangeRole(_book.Bob, Next(), id, _book.Cy, GroupRole.Admin)).ShouldBe(WireError.Forbidden);
        _book.Do(new ChangeRole(_book.Ada, Next(), id, _book.Bob, GroupRole.Admin)).ShouldBe(new Changed(0));
        _book.Do(new ChangeRole(_book.Ada, Next(), id, _book.Cy, GroupRole.Owner)).ShouldBeOfType<Acknowledged>();

        RolesOf(id).ShouldBe("ada Admin, bob Admin, cy Owner");
        NoticesOf(_book.Bob)[^1].ShouldBe("""{"kind":"role","user":"cy","role":"owner"}""");
    }

    [Fact]
    public void Nobody_removes_the_owner_or_himself()
    {
        var id = Make(_book.Bob, _book.Cy);
        _book.Do(new ChangeRole(_book.Ada, Next(), id, _book.Cy, GroupRole.Admin));

        Refusal(new RemoveFromGroup(_book.Cy, Next(), id, _book.Ada)).ShouldBe(WireError.Forbidden);
        Refusal(new RemoveFromGroup(_book.Cy, Next(), id, _book.Cy)).ShouldBe(WireError.Self);
    }

    [Fact]
    public void Who_blocked_somebody_is_not_added_by_him()
    {
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Block));

        Refusal(new CreateGroup(_book.Ada, Next(), "Friends", null, [_book.Bob])).ShouldBe(WireError.Blocked);
        var id = Make(_book.Cy);
        Refusal(new AddToGroup(_book.Ada, Next(), id, [_book.Bob])).ShouldBe(WireError.Blocked);
    }

    [Fact]
    public void A_block_between_two_does_not_stop_their_messages_in_a_group()
    {
        var id = Make(_book.Bob);
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Block));

        Say(_book.Ada, id).ShouldBeOfType<Acknowledged>();
    }

    [Fact]
    public void The_one_who_is_removed_reads_of_it_and_nothing_after()
    {
        var id = Make(_book.Bob, _book.Cy);
        _book.Do(new RemoveFromGroup(_book.Ada, Next(), id, _book.Bob)).ShouldBeOfType<Acknowledged>();
        NoticesOf(_book.Bob)[^1].ShouldBe("""{"kind":"removed","users":["bob"],"members":2}""");
        var before = _book.Log(_book.Bob).Count;

        Say(_book.Cy, id).ShouldBeOfType<Acknowledged>();

        _book.Log(_book.Bob).Count.ShouldBe(before);
        ErrorOf(Say(_book.Bob, id)).ShouldBe(WireError.NotFound);
        Refusal(new LeaveGroup(_book.Bob, Next(), id)).ShouldBe(WireError.NotFound);
        _book.Positions(_book.Bob).ShouldBe(Enumerable.Range(1, before).Select(number => (long)number));
        // What was there may still be read and hidden.
        _book.Do(new MoveReceipt(_book.Bob, Group(id), 0, long.MaxValue)).ShouldBe(new Changed(2));
        _book.Do(new Clear(_book.Bob, Group(id))).ShouldBe(new Changed(2));
    }

    [Fact]
    public void The_owner_who_leaves_passes_it_to_the_oldest_admin_else_to_the_oldest_member()
    {
        var id = Make(_book.Cy);
        _book.Do(new AddToGroup(_book.Ada, Next(), id, [_book.Bob]));
        var dee = Somebody("dee");
        _book.Do(new AddToGroup(_book.Ada, Next(), id, [dee]));
        _book.Do(new ChangeRole(_book.Ada, Next(), id, dee, GroupRole.Admin));

        _book.Do(new LeaveGroup(_book.Ada, Next(), id)).ShouldBeOfType<Acknowledged>();
        RolesOf(id).ShouldBe("bob Member, cy Member, dee Owner");
        NoticesOf(_book.Bob)[^1].ShouldBe("""{"kind":"left","owner":"dee","members":3}""");
        _book.Do(new LeaveGroup(dee, Next(), id)).ShouldBeOfType<Acknowledged>();
        RolesOf(id).ShouldBe("bob Member, cy Owner");
        _book.Do(new LeaveGroup(_book.Cy, Next(), id)).ShouldBeOfType<Acknowledged>();
        _book.Do(new LeaveGroup(_book.Bob, Next(), id)).ShouldBeOfType<Acknowledged>();
        RolesOf(id).ShouldBe("");
    }

    [Theory]
    [InlineData(GroupHistory.Joined, 3)]
    [InlineData(GroupHistory.All, 0)]
    public void Who_comes_later_sees_what_was_before_only_where_the_group_says_so(GroupHistory history, long hidden)
    {
        var id = Ack(new CreateGroup(_book.Ada, Next(), "Friends", null, [_book.Bob], history)).Conversation;
        Say(_book.Ada, id);
        Say(_book.Ada, id);

        _book.Do(new AddToGroup(_book.Ada, Next(), id, [_book.Cy])).ShouldBeOfType<Acknowledged>();

        var group = _book.Facts.FindConversation(id)!;
        var cy = group.Member(_book.Cy.Key)!;
        cy.HiddenSeq.ShouldBe(hidden);
        // Either way only the notice of the joining is new.
        group.UnreadOf(cy).ShouldBe(1);
    }

    [Fact]
    public void Who_comes_again_goes_on_from_there()
    {
        var id = Make(_book.Bob, _book.Cy);
        _book.Do(new RemoveFromGroup(_book.Ada, Next(), id, _book.Bob));
        Say(_book.Ada, id);
        var before = _book.Log(_book.Bob).Count;

        _book.Do(new AddToGroup(_book.Ada, Next(), id, [_book.Bob])).ShouldBeOfType<Acknowledged>();
        Say(_book.Bob, id).ShouldBeOfType<Acknowledged>();

        MessagesAfter(_book.Bob, before).Select(message => message.Seq).ShouldBe([4L, 5]);
        _book.Facts.FindConversation(id)!.Member(_book.Bob.Key)!.HiddenSeq.ShouldBe(3);
    }

    [Fact]
    public void Where_only_admins_send_a_member_is_refused()
    {
        var id = Make(_book.Bob, _book.Cy);
        _book.Do(new ChangeRole(_book.Ada, Next(), id, _book.Cy, GroupRole.Admin));
        _book.Do(new UpdateGroup(_book.Ada, Next(), id, Announcements: true));
        NoticesOf(_book.Bob)[^1].ShouldBe("""{"kind":"announcements","on":true}""");

        ErrorOf(Say(_book.Bob, id)).ShouldBe(WireError.Forbidden);
        Say(_book.Cy, id).ShouldBeOfType<Acknowledged>();
        _book.Do(new UpdateGroup(_book.Ada, Next(), id, Announcements: false));
        Say(_book.Bob, id).ShouldBeOfType<Acknowledged>();
    }

    [Fact]
    public void Setting_what_holds_already_is_no_event()
    {
        var id = Make(_book.Bob);
        var before = _book.Log(_book.Bob).Count;

        _book.Do(new UpdateGroup(_book.Ada, Next(), id, "Friends", null, GroupHistory.Joined, false)).ShouldBe(new Changed(0));
        _book.Do(new AddToGroup(_book.Ada, Next(), id, [_book.Bob])).ShouldBe(new Changed(0));
        _book.Do(new RemoveFromGroup(_book.Ada, Next(), id, _book.Cy)).ShouldBe(new Changed(0));

        _book.Log(_book.Bob).Count.ShouldBe(before);
    }

    [Fact]
    public void A_link_lets_people_in_until_it_expires_or_is_revoked_or_replaced()
    {
        var id = Make();
        var first = Link(id);
        _book.Do(new JoinGroup(_book.Bob, Next(), first.Code)).ShouldBeOfType<Acknowledged>().Ack.Conversation.ShouldBe(id);
        _book.Do(new JoinGroup(_book.Bob, Next(), first.Code)).ShouldBe(new Changed(0));
        NoticesOf(_book.Ada)[^1].ShouldBe("""{"kind":"joined","members":2}""");

        _book.Time.Advance(TimeSpan.FromHours(1));
        Refusal(new JoinGroup(_book.Cy, Next(), first.Code)).ShouldBe(WireError.NotFound);
        var second = Link(id);
        var third = Link(id);
        Refusal(new JoinGroup(_book.Cy, Next(), second.Code)).ShouldBe(WireError.NotFound);
        ErrorOf(_book.Batch(new LinkGroup(_book.Ada, id, null), new JoinGroup(_book.Cy, Next(), third.Code))[1]).ShouldBe(WireError.NotFound);
        Refusal(new JoinGroup(_book.Cy, Next(), third.Code)).ShouldBe(WireError.NotFound);
        _book.Do(new LinkGroup(_book.Ada, id, null)).ShouldBe(new Changed(0));
    }

    [Fact]
    public void A_stranger_finds_no_group()
    {
        var id = Make(_book.Bob);

        ErrorOf(Say(_book.Cy, id)).ShouldBe(WireError.NotFound);
        foreach (var command in (Command[])
        [
            new UpdateGroup(_book.Cy, Next(), id, "Mine"), new AddToGroup(_book.Cy, Next(), id, [_book.Cy]), new RemoveFromGroup(_book.Cy, Next(), id, _book.Bob),
            new ChangeRole(_book.Cy, Next(), id, _book.Cy, GroupRole.Owner), new LeaveGroup(_book.Cy, Next(), id), new LinkGroup(_book.Cy, id, TimeSpan.FromDays(1)),
            new Mute(_book.Cy, Group(id), Mute.Always), new Clear(_book.Cy, Group(id)), new MoveReceipt(_book.Cy, Group(id), 1, 1),
        ]) Refusal(command).ShouldBe(WireError.NotFound);
    }

    [Fact]
    public void A_failed_commit_leaves_the_group_as_it_was()
    {
        var id = Make(_book.Bob);

        _book.Fail(new UpdateGroup(_book.Ada, Next(), id, "Other"), new RemoveFromGroup(_book.Ada, Next(), id, _book.Bob));

        RolesOf(id).ShouldBe("ada Owner, bob Member");
        Say(_book.Bob, id).ShouldBeOfType<Acknowledged>().Ack.Seq.ShouldBe(2);
    }

    private string Make(params Account[] members) => Ack(new CreateGroup(_book.Ada, Next(), "Friends", null, members)).Conversation;

    private LinkFrame Link(string id) => (LinkFrame)_book.Do(new LinkGroup(_book.Ada, id, TimeSpan.FromHours(1))).ShouldBeOfType<Answered>().Frame;

    private AckFrame Ack(Command command) => _book.Do(command).ShouldBeOfType<Acknowledged>().Ack;

    private WireError? Refusal(Command command) => ErrorOf(_book.Do(command));

    private static WireError? ErrorOf(Outcome outcome) => (outcome as Refused)?.Error;

    private Outcome Say(Account who, string conversation) => _book.Do(new Send(who, Next(), null, conversation, "hi"));

    private static ConversationTarget Group(string id) => new(null, id);

    private string Next() => $"n{++_ids}";

    private Account Somebody(string name) => ((AccountAdded)_book.Do(new AddAccount(new AccountDraft(name, null, name)))).Account;

    private Account Person(string name) => name switch { "ada" => _book.Ada, "bob" => _book.Bob, _ => _book.Cy };

    private string RolesOf(string id) => string.Join(", ", _book.Facts.FindConversation(id)!.Members
        .OrderBy(member => member.AccountId, StringComparer.Ordinal).Select(member => $"{member.AccountId} {member.Role}"));

    private List<WireMessage> MessagesAfter(Account account, int after) =>
        [.. _book.Log(account).Skip(after).OfType<MessageFrame>().Select(frame => frame.Message)];

    private List<string> NoticesOf(Account account) => [.. MessagesAfter(account, 0).Where(message => message.Notice is not null).Select(message => message.Notice!)];
}
