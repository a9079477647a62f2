using System.Globalization;

namespace Tieline.Cli.Verify;

/// <summary>The kill test: a crowd chats while its server is killed again and again at random moments.</summary>
internal sealed class Verification(int kills, TimeSpan duration, Action<string> say)
{
    private static readonly TimeSpan _shortestLife = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _tellEvery = TimeSpan.FromSeconds(5);

    private int _killsUnderLoad;

    /// <exception cref="LineLostException">The server does not start, or ends by itself.</exception>
    public async Task<Verdict> RunAsync(CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("tieline-verify-").FullName;
        try
        {
            using var victim = Victim.Start(folder);
            await using var crowd = await Crowd.StartAsync(victim.Address, null, cancel);
            await KillAsync(victim, crowd, cancel);
            return await FinishAsync(victim, crowd, cancel);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task KillAsync(Victim victim, Crowd crowd, CancellationToken cancel)
    {
        var told = TimeProvider.System.GetTimestamp();
        for (var done = 0; done < kills; done++)
        {
            // From the start of the process on, so that some die while they still recover from the kill before.
            var longest = Math.Max(_shortestLife.TotalMilliseconds, (2 * duration / kills).TotalMilliseconds - _shortestLife.TotalMilliseconds);
            await Task.Delay(_shortestLife + TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * longest), cancel);
            if (victim.HasEnded) throw Ended(victim);
            if (crowd.IsWaiting) _killsUnderLoad++;
            victim.Restart();
            if (TimeProvider.System.GetElapsedTime(told) < _tellEvery) continue;
            told = TimeProvider.System.GetTimestamp();
            Tell(crowd, done + 1);
        }
    }

    private async Task<Verdict> FinishAsync(Victim victim, Crowd crowd, CancellationToken cancel)
    {
        try
        {
            var verdict = await crowd.FinishAsync(cancel);
            Tell(crowd, kills);
            return verdict;
        }
        catch (Exception e) when (e is LineLostException or HttpRequestException && victim.HasEnded)
        {
            throw Ended(victim);
        }
    }

    private static LineLostException Ended(Victim victim) => new("the server ended by itself:\n" + victim.LastWords);

    private void Tell(Crowd crowd, int done) => say(string.Create(CultureInfo.InvariantCulture,
        $"{done} kills, {_killsUnderLoad} with messages on the way; {crowd.Sent} sent, {crowd.Acknowledged} acknowledged, {crowd.Duplicates} of them stored before a kill and acknowledged after it; {crowd.Readings} pages read"));
}
