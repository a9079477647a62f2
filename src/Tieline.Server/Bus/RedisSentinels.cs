using System.Net;
using StackExchange.Redis;

namespace Tieline.Server.Bus;

/// <summary>
/// Says which server is the primary now. Asked again and again by the bus instead of heard: what a sentinel tells once can be missed, and a primary that was cut off
/// from them does not know that it is none any more.
/// </summary>
internal sealed class RedisSentinels(ConfigurationOptions configuration, string service) : IAsyncDisposable
{
    private ConnectionMultiplexer? _sentinels;

    /// <summary>Why the last question was in vain.</summary>
    public string Why { get; private set; } = "no sentinel was asked yet";

    /// <returns>What most of those say that answer; null when none knows it.</returns>
    public async Task<EndPoint?> FindPrimaryAsync()
    {
        _sentinels ??= await ConnectionMultiplexer.SentinelConnectAsync(configuration);
        var answers = await Task.WhenAll(_sentinels.GetEndPoints().Select(AskAsync));
        var found = answers.OfType<EndPoint>().GroupBy(primary => primary.ToString()).MaxBy(same => same.Count())?.First();
        if (found is null) Why = $"none of {answers.Length} sentinels says where {service} is";
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        if (_sentinels is not null) await _sentinels.DisposeAsync();
    }

    private async Task<EndPoint?> AskAsync(EndPoint sentinel)
    {
        try
        {
            return await _sentinels!.GetServer(sentinel).SentinelGetMasterAddressByNameAsync(service).WaitAsync(IBus.Patience);
        }
        catch (Exception e) when (RedisBus.IsAway(e))
        {
            return null;
        }
    }
}
