using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Ledgers;

public sealed class RelationRules
{
    private readonly Book _book = new();

    [Theory]
    [InlineData(new[] { RelationChange.Block }, true, false, 1)]
    [InlineData(new[] { RelationChange.Mute }, false, true, 1)]
    [InlineData(new[] { RelationChange.Block, RelationChange.Mute }, true, true, 1)]
    [InlineData(new[] { RelationChange.Block, RelationChange.Block }, true, false, 0)]
    [InlineData(new[] { RelationChange.Unblock }, false, false, 0)]
    [InlineData(new[] { RelationChange.Unmute }, false, false, 0)]
    [InlineData(new[] { RelationChange.Block, RelationChange.Mute, RelationChange.Unblock }, false, true, 1)]
    [InlineData(new[] { RelationChange.Mute, RelationChange.Block, RelationChange.Unmute }, true, false, 1)]
    public void Blocking_and_muting_are_two_switches(RelationChange[] changes, bool blocked, bool muted, long lastChanged)
    {
        Outcome last = new Changed(0);
        foreach (var change in changes) last = _book.Do(new ChangeRelation(_book.Ada, _book.Bob, change));

        var relation = _book.Facts.FindRelation(_book.Ada.Key, _book.Bob.Key);
        (relation.Blocked, relation.Muted).ShouldBe((blocked, muted));
        last.ShouldBe(new Changed(lastChanged));
    }

    [Fact]
    public void Only_my_own_log_tells_of_it()
    {
        _book.Do(new ChangeRelation(_book.Ada, _book.Bob, RelationChange.Block));
        _book.Do(new ChangeRelation(_book.Ada, _book.Bob, RelationChange.Mute));

        _book.Log(_book.Ada).ShouldBe([new RelationFrame(1, "bob", true, false), new RelationFrame(2, "bob", true, true)]);
        _book.Log(_book.Bob).ShouldBeEmpty();
    }

    [Fact]
    public void A_change_that_changes_nothing_is_no_event()
    {
        _book.Do(new ChangeRelation(_book.Ada, _book.Bob, RelationChange.Block));

        _book.Do(new ChangeRelation(_book.Ada, _book.Bob, RelationChange.Block));

        _book.Log(_book.Ada).Count.ShouldBe(1);
    }

    [Fact]
    public void Blocking_again_keeps_the_first_moment()
    {
        _book.Do(new ChangeRelation(_book.Ada, _book.Bob, RelationChange.Block));
        var first = _book.Facts.FindRelation(_book.Ada.Key, _book.Bob.Key).BlockedAt;
        _book.Time.Advance(TimeSpan.FromHours(1));

        _book.Do(new ChangeRelation(_book.Ada, _book.Bob, RelationChange.Block));

        _book.Facts.FindRelation(_book.Ada.Key, _book.Bob.Key).BlockedAt.ShouldBe(first);
    }

    [Fact]
    public void Nobody_blocks_himself() =>
        _book.Do(new ChangeRelation(_book.Ada, _book.Ada, RelationChange.Block)).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.Self);
}
