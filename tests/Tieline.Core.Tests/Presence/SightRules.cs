using Tieline.Core.Accounts;
using Tieline.Core.Presence;

namespace Tieline.Core.Tests.Presence;

public sealed class SightRules
{
    private static readonly Privacy _nothing = new(false, false, false, false);

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(false, false, false)]
    [InlineData(true, true, false)]
    [InlineData(false, true, false)]
    public void Only_people_who_share_a_chat_and_have_not_blocked_each_other_see_one_another(bool shares, bool blocked, bool sees)
    {
        var sight = new Sight(shares, blocked, Privacy.Open, Privacy.Open, null);

        (sight.ShowsOnline, sight.ShowsLastSeen, sight.ShowsTyping).ShouldBe((sees, sees, sees));
    }

    [Fact]
    public void What_one_hides_one_does_not_see_either()
    {
        foreach (var (viewer, of) in ((Privacy, Privacy)[])[(_nothing, Privacy.Open), (Privacy.Open, _nothing)])
        {
            var sight = new Sight(true, false, viewer, of, null);
            (sight.ShowsOnline, sight.ShowsLastSeen, sight.ShowsTyping).ShouldBe((false, false, false));
        }
    }

    [Fact]
    public void Each_of_the_four_is_a_switch_of_its_own()
    {
        for (var hidden = 0; hidden < 16; hidden++)
        {
            var privacy = Privacy.FromHidden(hidden);
            privacy.Hidden.ShouldBe(hidden);
            var sight = new Sight(true, false, Privacy.Open, privacy, null);
            (sight.ShowsOnline, sight.ShowsLastSeen, sight.ShowsTyping).ShouldBe((privacy.Online, privacy.LastSeen, privacy.Typing));
        }

        Privacy.FromHidden(0).ShouldBe(Privacy.Open);
    }
}
