using Tieline.Cli.Verify;

namespace Tieline.EndToEnd.Tests.Kill;

/// <summary>What ada sent to bob, and what both were told: all as it should be, until a test plants something in it.</summary>
public abstract class PlantedHistory
{
    protected const int Count = 10;

    private protected List<SentMessage> Sent { get; } = [];
    private protected List<KeptMessage> Kept { get; } = [];
    private protected List<Delivery> ToAda { get; } = [];
    private protected List<Delivery> ToBob { get; } = [];

    protected PlantedHistory()
    {
        for (var i = 1; i <= Count; i++)
        {
            var place = new Place("c", i);
            Sent.Add(new SentMessage($"id{i}", "ada", "bob", i, $"text {i}", place));
            Kept.Add(new KeptMessage(place, $"id{i}", "ada", $"text {i}"));
            ToAda.Add(new Delivery(i, Kept[^1]));
            ToBob.Add(new Delivery(i, Kept[^1]));
        }
    }

    private protected (int Lost, int Doubled, int OutOfOrder, int Gaps, int Strange) Check(Evidence ada, Evidence bob)
    {
        var verdict = Checker.Check([ada, bob], Kept);
        verdict.IsGood.ShouldBe(verdict.Told.Count == 0);
        return (verdict.Lost, verdict.Doubled, verdict.OutOfOrder, verdict.Gaps, verdict.Strange);
    }
}
