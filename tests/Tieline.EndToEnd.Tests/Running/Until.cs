namespace Tieline.EndToEnd.Tests.Running;

/// <summary>Waits for something that will be true, and no longer than that.</summary>
internal static class Until
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    public static Task TrueAsync(string what, Func<bool> condition, TimeSpan? patience = null) => TrueAsync(what, () => Task.FromResult(condition()), patience);

    public static async Task TrueAsync(string what, Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !await condition(); await Task.Delay(20))
        {
            if (TimeProvider.System.GetElapsedTime(began) > (patience ?? _patience)) throw new TimeoutException($"Not within {(patience ?? _patience).TotalSeconds} s: {what}.");
        }
    }
}
