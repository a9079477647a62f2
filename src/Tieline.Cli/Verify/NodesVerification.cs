using System.Globalization;

namespace Tieline.Cli.Verify;

/// <summary>A crowd at an operator's own nodes, while he breaks of them what he likes.</summary>
internal sealed class NodesVerification(IReadOnlyList<Uri> nodes, TimeSpan duration, Action<string> say)
{
    private static readonly TimeSpan _tellEvery = TimeSpan.FromSeconds(5);

    /// <exception cref="LineLostException">The nodes are not ready at the beginning, or not again at the end.</exception>
    public async Task<Verdict> RunAsync(CancellationToken cancel)
    {
        await using var crowd = await Crowd.StartAsync(nodes, Pace.Steady, null, cancel);
        say(string.Create(CultureInfo.InvariantCulture, $"Four people chat by {string.Join(", ", nodes.Select(node => node.Authority))} for {duration.TotalSeconds:0} s. Break what you like; in the end all nodes must be there again."));
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < duration)
        {
            var left = duration - TimeProvider.System.GetElapsedTime(began);
            await Task.Delay(left < _tellEvery ? left + TimeSpan.FromMilliseconds(1) : _tellEvery, cancel);
            Tell(crowd);
        }

        say("Nothing new is written; waiting for what is open.");
        var verdict = await crowd.FinishAsync(cancel);
        Tell(crowd);
        return verdict;
    }

    private void Tell(Crowd crowd) => say(string.Create(CultureInfo.InvariantCulture,
        $"{crowd.Sent} sent, {crowd.Acknowledged} acknowledged, {crowd.Duplicates} of them on a resend; {crowd.Events} events delivered, {crowd.Readings} pages read"));
}
