using System.Globalization;
using StackExchange.Redis;
using Tieline.Core.Accounts;
using Tieline.Protocol;

namespace Tieline.Server.Bus;

internal sealed partial class RedisBus
{
    /// <summary>Longer than two rounds in which every node says anew who is on it.</summary>
    private const int ShownForSeconds = 150;

    // A field for each node that has the account online, and when it last came or went.
    private const string ShowScript = """
        if redis.call('HLEN', KEYS[1]) > 16 then redis.call('DEL', KEYS[1]) end
        if ARGV[2] == '1' then redis.call('HSET', KEYS[1], ARGV[1], '1') else redis.call('HDEL', KEYS[1], ARGV[1]) end
        if tonumber(ARGV[3]) > tonumber(redis.call('HGET', KEYS[1], 'seen') or '0') then redis.call('HSET', KEYS[1], 'seen', ARGV[3]) end
        redis.call('EXPIRE', KEYS[1], ARGV[4])
        return 1
        """;

    // A bucket that refills by Redis' own clock, so that the nodes' clocks do not matter.
    private const string TakeScript = """
        local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
        local time = redis.call('TIME')
        local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
        local rate, burst = tonumber(ARGV[2]), tonumber(ARGV[3])
        local tokens = burst
        if held[1] then tokens = math.min(burst, tonumber(held[1]) + math.max(0, now - tonumber(held[2])) * rate) end
        tokens = tokens - tonumber(ARGV[1])
        redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
        redis.call('EXPIRE', KEYS[1], math.ceil((burst - tokens) / rate) + 1)
        return string.format('%.6f', tokens)
        """;

    /// <summary>Null while nothing comes back: then nobody waits for it.</summary>
    private IDatabase? Values => _isThere ? _redis?.GetDatabase() : null;

    public async ValueTask<bool> KeepAsync(string key, string value, TimeSpan lifetime)
    {
        if (Values is not { } redis) return false;
        try
        {
            return await redis.StringSetAsync(_prefix + key, value, lifetime).WaitAsync(IBus.Patience);
        }
        catch (Exception e) when (IsAway(e))
        {
            return false;
        }
    }

    public ValueTask<BusValue> ReadAsync(string key) => AskAsync(redis => redis.StringGetAsync(_prefix + key));

    public ValueTask<BusValue> BurnAsync(string key) => AskAsync(redis => redis.StringGetDeleteAsync(_prefix + key));

    public async ValueTask<bool> ShowAsync(IReadOnlyList<Sighting> sightings)
    {
        if (Values is not { } redis) return false;
        try
        {
            await Task.WhenAll(sightings.Select(one => EvaluateAsync(redis, ShowScript, [PresenceKey(one.Account)],
                [_self.Instance, one.Online ? "1" : "0", one.Seen?.Microseconds ?? 0, ShownForSeconds]))).WaitAsync(IBus.Patience);
            return true;
        }
        catch (Exception e) when (IsAway(e))
        {
            return false;
        }
    }

    public async ValueTask<IReadOnlyDictionary<AccountKey, Sighting>?> LookAsync(IReadOnlyCollection<AccountKey> accounts)
    {
        var seen = new Dictionary<AccountKey, Sighting>();
        if (accounts.Count == 0) return seen;
        if (Values is not { } redis) return null;
        try
        {
            var all = await Task.WhenAll(accounts.Select(async account => (account, Fields: await redis.HashGetAllAsync(PresenceKey(account))))).WaitAsync(IBus.Patience);
            foreach (var (account, fields) in all)
            {
                if (fields.Length == 0) continue;
                var at = fields.FirstOrDefault(field => field.Name == "seen").Value;
                seen[account] = new Sighting(account, fields.Any(field => _others.IsThere(field.Name.ToString())), at.TryParse(out long micros) && micros > 0 ? new Timestamp(micros) : null);
            }

            return seen;
        }
        catch (Exception e) when (IsAway(e))
        {
            return null;
        }
    }

    public async ValueTask<IReadOnlyList<double?>> TakeAsync(IReadOnlyList<LimitUse> uses)
    {
        var held = new double?[uses.Count];
        if (Values is not { } redis) return held;
        try
        {
            var all = await Task.WhenAll(uses.Select(use => EvaluateAsync(redis, TakeScript, [_prefix + "limit:" + use.Key], [use.Taken, use.PerSecond, use.Burst]))).WaitAsync(IBus.Patience);
            for (var i = 0; i < held.Length; i++) held[i] = double.Parse((string)all[i]!, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (IsAway(e))
        {
            // Each node's own count goes on.
        }

        return held;
    }

    private RedisKey PresenceKey(AccountKey account) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}presence:{account.Value}");

    /// <summary>A Redis that was started again does not know the script any more, and says so once.</summary>
    private static async Task<RedisResult> EvaluateAsync(IDatabase redis, string script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await redis.ScriptEvaluateAsync(script, keys, values);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await redis.ScriptEvaluateAsync(script, keys, values);
        }
    }

    private async ValueTask<BusValue> AskAsync(Func<IDatabase, Task<RedisValue>> ask)
    {
        if (Values is not { } redis) return default;
        try
        {
            return new BusValue(true, await ask(redis).WaitAsync(IBus.Patience));
        }
        catch (Exception e) when (IsAway(e))
        {
            return default;
        }
    }
}
