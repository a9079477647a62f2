using Tieline.Core.Ledgers;

namespace Tieline.Core.Tests.Ledgers;

public sealed class SendLineRules
{
    private readonly SendLine _line = new();

    [Fact]
    public void A_new_line_holds_nothing() => _line.Holds("c1").ShouldBeFalse();

    [Fact]
    public void After_a_refusal_for_now_everything_else_is_held()
    {
        _line.Refuse("c1", retryable: true);

        _line.Holds("c2").ShouldBeTrue();
        _line.Holds("c1").ShouldBeFalse();
    }

    [Fact]
    public void A_refusal_for_good_holds_nothing()
    {
        _line.Refuse("c1", retryable: false);

        _line.Holds("c2").ShouldBeFalse();
    }

    [Fact]
    public void The_first_refused_must_come_first_again()
    {
        _line.Refuse("c1", retryable: true);
        _line.Refuse("c2", retryable: true);

        _line.Settle("c2");
        _line.Holds("c2").ShouldBeTrue();
        _line.Settle("c1");
        _line.Holds("c2").ShouldBeFalse();
    }

    [Fact]
    public void What_is_refused_for_good_when_it_comes_again_holds_nobody_up_any_more()
    {
        _line.Refuse("c1", retryable: true);

        _line.Refuse("c1", retryable: false);

        _line.Holds("c2").ShouldBeFalse();
    }
}
