using System.Net.NetworkInformation;
using Tieline.Client.Connections;
using Tieline.Client.Conversations;
using Tieline.Client.Diagnoses;
using Tieline.Client.Http;
using Tieline.Client.Outboxes;
using Tieline.Protocol.Frames;

namespace Tieline.Client;

/// <summary>
/// One account's chat. Opens by itself at first use, stays open by WebSocket, stream or long poll, and sends by POST where none of them is
/// up. Network trouble is a state and never an exception: sends wait in the outbox, and what was missed arrives later, in order and once.
/// All members may be called from any thread.
/// </summary>
public sealed partial class ChatClient : IAsyncDisposable
{
    private readonly CancellationTokenSource _life = new();
    private readonly Lock _lock = new();
    private readonly ChatHttp _http;
    private readonly TokenSource _tokens;
    private readonly Ledger _ledger = new();
    private readonly Sender _sender;
    private readonly Connection _connection;
    private readonly ChatClientOptions _options;
    private Task? _running;
    private bool _disposed;

    /// <param name="url">Where the chat is served, such as <c>https://chat.example.org</c>; <c>/api/chat/...</c> is added.</param>
    /// <param name="getToken">
    /// Gives a JWT of the account. Called at first use and whenever the server wants a fresh one, never twice at a time. What it throws, or
    /// 30 s without an answer, counts as temporary and is tried again; an empty text means that nobody is signed in.
    /// </param>
    /// <param name="options">Everything else; the defaults are right for an app.</param>
    /// <exception cref="ArgumentException">The address is not http or https.</exception>
    public ChatClient(string url, Func<CancellationToken, Task<string>> getToken, ChatClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(getToken);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var server) || server.Scheme is not ("http" or "https"))
            throw new ArgumentException($"The address must start with http:// or https://, this is '{url}'.", nameof(url));
        if (!server.AbsolutePath.EndsWith('/')) server = new UriBuilder(server) { Path = server.AbsolutePath + "/", Query = "" }.Uri;

        Closing = _life.Token;
        _options = options ?? new ChatClientOptions();
        _http = new ChatHttp(server, _options.Handler, _options.Time);
        _tokens = new TokenSource(getToken, _options.Time);
        _sender = new Sender(_http, _tokens, _options.Outbox ?? new MemoryOutbox(), new Backoff(_options.Timings, _options.Random), _options.Timings, _options.Time, Log);
        _connection = new Connection(_http, _tokens, _ledger, _sender, new ProbeLadder(_http, _options, Log), _options, Log);
        _ledger.MessageSeen += OnMessageSeen;
        _sender.Moved += _ledger.NotifyChat;
        _connection.Changed += status => Raise(StateChanged, status);
    }

    /// <summary>The same with a token that stays good for as long as the client lives.</summary>
    /// <param name="url">Where the chat is served.</param>
    /// <param name="token">A JWT of the account.</param>
    /// <param name="options">Everything else.</param>
    public ChatClient(string url, string token, ChatClientOptions? options = null) : this(url, _ => Task.FromResult(token), options)
    {
    }

    /// <summary>The connection has a new state. Raised on a thread of the pool, in order; what a handler throws is logged and ignored.</summary>
    public event EventHandler<ConnectionStatus>? StateChanged;

    /// <summary>
    /// A message of any conversation was stored or has changed, as it happens and caught up after an interruption, in the order of the
    /// account's log; own messages of all devices are among them. After an interruption so long that the server starts from a snapshot,
    /// those between are not raised: read the conversation instead.
    /// </summary>
    public event EventHandler<Message>? MessageReceived;

    /// <summary>The state of the connection now.</summary>
    public ConnectionStatus Status => _connection.Status;

    /// <summary>The id of this account; null until the server has said it.</summary>
    public string? AccountId => _ledger.Self;

    /// <summary>The chat with one person.</summary>
    /// <param name="accountId">The other person's account id.</param>
    public DirectChat With(string accountId)
    {
        ArgumentException.ThrowIfNullOrEmpty(accountId);
        return new DirectChat(this, accountId);
    }

    /// <summary>The chat of a group.</summary>
    /// <param name="conversationId">The conversation's id, such as one of <see cref="Conversations"/> has.</param>
    public GroupChat In(string conversationId)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        return new GroupChat(this, conversationId);
    }

    /// <summary>Starts to connect. Not needed: any use does it. After <see cref="ConnectionState.SignedOut"/> it tries again with a fresh token.</summary>
    public void Connect()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_running is not null)
            {
                if (_connection.Status.State == ConnectionState.SignedOut) _connection.SignIn();
                return;
            }

            _running = RunAsync();
            if (_options.WatchNetwork) NetworkChange.NetworkAddressChanged += OnNetworkChanged;
        }
    }

    /// <summary>
    /// Tells that the network may be back or different, that the app came to the front or that the machine has slept: an open line is checked
    /// within 5 s, a closed one is tried at once.
    /// </summary>
    public void Wake() => _connection.Wake();

    /// <summary>Closes the line and forgets the unsent messages of this account, so that nothing is sent in the wrong name. Use the client no more.</summary>
    /// <param name="cancel">Ends the wait for the store.</param>
    public async Task SignOutAsync(CancellationToken cancel = default)
    {
        await _sender.WipeAsync(cancel);
        await DisposeAsync();
    }

    /// <summary>Closes the line. What is unsent stays in the outbox, if that is one that keeps.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? running;
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            running = _running;
        }

        if (_options.WatchNetwork && running is not null) NetworkChange.NetworkAddressChanged -= OnNetworkChanged;
        await _connection.LeaveAsync();
        await _life.CancelAsync();
        if (running is not null) await running;
        await _sender.DisposeAsync();
        _http.Dispose();
        _tokens.Dispose();
        _life.Dispose();
    }

    internal CancellationToken Closing { get; }

    internal Ledger Ledger => _ledger;

    internal Sender Sender => _sender;

    internal Connection Connection => _connection;

    internal ChatClientOptions Options => _options;

    private async Task RunAsync()
    {
        // Off the caller's thread: connecting must not make a user interface stutter.
        await Task.Yield();
        try
        {
            await Task.WhenAll(_connection.RunAsync(_life.Token), _sender.RunAsync(_life.Token));
        }
        catch (OperationCanceledException) when (_life.IsCancellationRequested)
        {
            // Closed.
        }
    }

    private void OnNetworkChanged(object? sender, EventArgs e) => Wake();

    private void OnMessageSeen(WireMessage wire)
    {
        _sender.Saw(wire, _ledger.Self);
        if (MessageReceived is { } handlers) Raise(handlers, _ledger.Shape(wire));
    }

    private void Raise<T>(EventHandler<T>? handlers, T what)
    {
        try
        {
            handlers?.Invoke(this, what);
        }
        catch (Exception e)
        {
            Log($"a handler threw {e.GetType().Name}: {e.Message}");
        }
    }

    private void Log(string line) => _options.Log?.Invoke(line);
}
