using Tieline.Core.Presence;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Presence;

public sealed class SignalBoxRules
{
    private readonly SignalBox _box = new();

    [Fact]
    public void Only_the_newest_word_about_somebody_counts()
    {
        _box.Put(new PresenceFrame("bob", true, null));
        _box.Put(new ServerTypingFrame("c", "bob"));
        _box.Put(new ServerTypingFrame("c", "bob"));
        _box.Put(new PresenceFrame("bob", false, null));

        _box.Take().ShouldBe([new PresenceFrame("bob", false, null), new ServerTypingFrame("c", "bob")]);
        _box.Take().ShouldBeEmpty();
    }

    [Fact]
    public void A_line_that_does_not_read_holds_a_bounded_number()
    {
        for (var i = 0; i < SignalBox.MaxTyping; i++) _box.Put(new ServerTypingFrame("c", $"u{i}")).ShouldBeTrue();

        _box.Put(new ServerTypingFrame("c", "one more")).ShouldBeFalse();
        _box.Put(new ServerTypingFrame("c", "u7")).ShouldBeTrue();
        _box.Take().Count.ShouldBe(SignalBox.MaxTyping);
        _box.Put(new ServerTypingFrame("c", "one more")).ShouldBeTrue();
    }
}
