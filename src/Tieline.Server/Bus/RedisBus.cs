using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Tieline.Core.Accounts;
using Tieline.Server.Configuration;

namespace Tieline.Server.Bus;

/// <summary>
/// The bus by Redis 7 or later, one server or a cluster: words by sharded publishing on a few channels that every node hears, values as short-lived keys. Whether it is
/// there is judged by one thing only: a node hears its own word come back on each channel. Where sentinels know the primary, they are asked for it every few seconds.
/// </summary>
internal sealed partial class RedisBus : IBus
{
    /// <summary>
    /// Each lies somewhere else in a cluster. Not one for each account: a node with a hundred thousand lines would have as many subscriptions to make again at the very
    /// moment Redis is back, and all hints that PostgreSQL can cause are little to read.
    /// </summary>
    private const int Channels = 8;

    private static readonly TimeSpan _beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _listenAgainAfter = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan _askAgainAfter = TimeSpan.FromSeconds(5);

    private readonly ConfigurationOptions _configuration;
    private readonly RedisSentinels? _sentinels;
    private readonly string _address;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly BusLines.Speaker _self;
    private readonly BusChannel[] _channels;
    private readonly OtherNodes _others = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _judging = new();
    private string _prefix = "";
    private Action<BusWord> _heard = static _ => { };
    private Task _running = Task.CompletedTask;
    private volatile ConnectionMultiplexer? _redis;
    private EndPoint? _primary;
    private long _askedAt;
    private volatile bool _isThere;
    private bool _isAway;
    private DateTimeOffset _since;
    private string? _why;

    public RedisBus(TielineOptions options, TimeProvider time, ILogger log)
    {
        var place = RedisAddress.Parse(options.Bus, options.Node);
        (_configuration, _address, _time, _log) = (place.Options, RedisAddress.Masked(options.Bus), time, log);
        if (place.Sentinels is { } sentinels) _sentinels = new RedisSentinels(sentinels, place.Service);
        _self = new BusLines.Speaker(ChatServer.NewId(), options.Node);
        _channels = [.. Enumerable.Range(0, Channels).Select(number => new BusChannel(number, _self, PublishAsync))];
        _since = time.GetUtcNow();
    }

    public BusStatus Status => new(_isThere ? "up" : "away", _address, _since, _others.Names, _isThere ? null : _why);

    public bool IsShared => true;

    public static bool IsAway(Exception e) => e is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    public void Start(string chat, Action<BusWord> heard)
    {
        _prefix = $"tieline:{chat}:";
        _heard = heard;
        _running = Task.WhenAll([RunAsync(), .. _channels.Select(channel => channel.RunAsync())]);
    }

    public void Tell(BusWord word)
    {
        switch (word)
        {
            case HintsWord hints:
                var touched = 0;
                foreach (var (account, head) in hints.Heads)
                {
                    var number = NumberOf(account);
                    _channels[number].Add(account, head);
                    touched |= 1 << number;
                }

                foreach (var channel in _channels)
                    if ((touched & (1 << channel.Number)) != 0) channel.Flush();
                break;
            case TypingWord typing:
                Add(NumberOf(typing.Audience[0]), typing);
                break;
            case PresenceWord presence:
                Add(NumberOf(presence.Account), presence);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels) channel.Leave();
        await _stop.CancelAsync();
        await _running;
        if (_redis is { } redis) await redis.DisposeAsync();
        if (_sentinels is not null) await _sentinels.DisposeAsync();
        _stop.Dispose();
    }

    private static int NumberOf(AccountKey account) => (int)((ulong)account.Value % Channels);

    private RedisChannel ChannelOf(int number) => RedisChannel.Sharded($"{_prefix}bus:{number}");

    private void Add(int number, BusWord word)
    {
        _channels[number].Add(word);
        _channels[number].Flush();
    }

    private async Task PublishAsync(int number, string message)
    {
        if (_redis is not { } redis) throw new TimeoutException("Not connected yet.");
        await redis.GetSubscriber().PublishAsync(ChannelOf(number), message).WaitAsync(IBus.Patience);
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                if (_redis is null) await ConnectAsync();
                else if (_sentinels is not null) await FollowPrimaryAsync();
                foreach (var channel in _channels) channel.Beat();
                await Task.Delay(_beat, _stop.Token);
                Judge();
                if (_isThere && _others.Sweep()) _heard(new NodesWord());
                if (_redis is not null) await ListenAgainAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task ConnectAsync()
    {
        try
        {
            var configuration = _configuration;
            if (_sentinels is not null)
            {
                _primary = await _sentinels.FindPrimaryAsync();
                _askedAt = Stopwatch.GetTimestamp();
                if (_primary is null)
                {
                    _why = _sentinels.Why;
                    return;
                }

                configuration = _configuration.Clone();
                configuration.EndPoints.Add(_primary);
            }

            var redis = await ConnectionMultiplexer.ConnectAsync(configuration);
            redis.ConnectionFailed += (_, failed) => _why = WhyOf(failed.Exception) ?? failed.FailureType.ToString();
            // A Redis that was started again has forgotten who is here.
            redis.ConnectionRestored += (_, _) => _heard(new AnewWord());
            _redis = redis;
            foreach (var channel in _channels) await ListenAsync(channel);
        }
        catch (Exception e) when (IsAway(e))
        {
            _why = WhyOf(e);
        }
    }

    /// <summary>Goes over to the primary that there is now: at once where nothing is heard, and where it is, every few seconds, for what was the primary may not know that it is not.</summary>
    private async Task FollowPrimaryAsync()
    {
        if (_channels.All(channel => channel.Silence < 2 * _beat) && Stopwatch.GetElapsedTime(_askedAt) < _askAgainAfter) return;
        try
        {
            _askedAt = Stopwatch.GetTimestamp();
            var primary = await _sentinels!.FindPrimaryAsync();
            if (primary is null || primary.Equals(_primary)) return;
        }
        catch (Exception e) when (IsAway(e))
        {
            _why = WhyOf(e);
            return;
        }

        var before = _redis!;
        _redis = null;
        await ConnectAsync();
        // What is there has forgotten who is here, whether or not anybody noticed the change.
        if (_redis is not null) _heard(new AnewWord());
        await before.DisposeAsync();
    }

    private async Task ListenAsync(BusChannel channel)
    {
        try
        {
            await _redis!.GetSubscriber().SubscribeAsync(ChannelOf(channel.Number), (_, message) => Receive(channel, (string?)message ?? "")).WaitAsync(IBus.Patience, _stop.Token);
        }
        catch (Exception e) when (IsAway(e))
        {
            // It is subscribed as soon as there is a connection. Of several reasons, one that says more than that something was cancelled.
            if (_why is null || _why.EndsWith("canceled", StringComparison.Ordinal)) _why = WhyOf(e);
        }
    }

    /// <summary>Where this node does not hear itself although Redis answers, the subscription was lost on the way: it is made anew.</summary>
    private async Task ListenAgainAsync()
    {
        foreach (var channel in _channels)
        {
            if (channel.Silence < _listenAgainAfter || (long)channel.Silence.TotalSeconds % 5 != 0 || !_redis!.IsConnected) continue;
            try
            {
                await _redis.GetSubscriber().UnsubscribeAsync(ChannelOf(channel.Number)).WaitAsync(IBus.Patience, _stop.Token);
            }
            catch (Exception e) when (IsAway(e))
            {
                _why = WhyOf(e);
            }

            await ListenAsync(channel);
        }
    }

    private void Receive(BusChannel channel, string message)
    {
        var words = new List<BusWord>();
        if (!BusLines.TryRead(message, out var speaker, words, out var leaves)) return;
        if (speaker.Instance == _self.Instance)
        {
            channel.HeardItself();
            if (!_isThere) Judge();
            return;
        }

        if (leaves ? _others.Forget(speaker.Instance) : _others.Hear(speaker)) words.Add(new NodesWord());
        foreach (var word in words) _heard(word);
    }

    private void Judge()
    {
        lock (_judging)
        {
            if (_channels.All(channel => channel.IsOpen))
            {
                if (_isThere) return;
                if (_isAway) ServerLog.BusBack(_log, (long)(_time.GetUtcNow() - _since).TotalSeconds);
                else ServerLog.BusThere(_log, _address);
                _others.Renew();
                (_isAway, _isThere, _since) = (false, true, _time.GetUtcNow());
            }
            else
            {
                if (_isAway || _channels.Max(channel => channel.Silence) < BusChannel.SilentAfter) return;
                (_isAway, _isThere, _since) = (true, false, _time.GetUtcNow());
                ServerLog.BusAway(_log, _address, _why ?? "no answer");
                return;
            }
        }

        _heard(new AnewWord());
    }

    /// <summary>The first of the library's words: what follows are counters, versions and advice.</summary>
    private static string? WhyOf(Exception? e)
    {
        if (e is null) return null;
        var why = e.Message.Split(['\r', '\n'])[0].Split(", v: ")[0];
        return why.Length <= 200 ? why : why[..200] + "...";
    }
}
