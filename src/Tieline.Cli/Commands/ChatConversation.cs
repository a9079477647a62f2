using System.Globalization;
using Tieline.Client;

namespace Tieline.Cli.Commands;

/// <summary>One conversation on the screen: what comes in is shown, what is typed is sent, and the connection says how it is.</summary>
internal sealed class ChatConversation(ChatClient chat, Person other, ChatScreen screen)
{
    private static readonly TimeSpan _lastWait = TimeSpan.FromSeconds(10);

    private readonly List<Task> _sending = [];
    private readonly HashSet<string> _shown = [];
    private long _delivered, _read;
    private string? _state, _cause;

    public async Task RunAsync(CancellationToken cancel)
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        chat.StateChanged += (_, status) => ShowState(status);
        screen.Note($"chat with {other.Name}; /quit leaves");
        ShowState(chat.Status);
        var showing = ShowAsync(closing.Token);
        while (await screen.ReadLineAsync(cancel) is { } line && line.Trim() != "/quit")
        {
            if (!string.IsNullOrWhiteSpace(line)) _sending.Add(SendAsync(line, cancel));
        }

        await LeaveAsync(cancel);
        await closing.CancelAsync();
        await showing;
    }

    private async Task ShowAsync(CancellationToken cancel)
    {
        try
        {
            await foreach (var message in chat.With(other.Id).Updates(cancel)) Show(message);
        }
        catch (OperationCanceledException)
        {
            // The chat was left.
        }
    }

    private void Show(Message message)
    {
        if (message.State == MessageState.Sending) return;
        var time = message.CreatedAt.ToLocalTime().ToString("HH:mm", CultureInfo.InvariantCulture);
        if (message.State == MessageState.Failed)
        {
            screen.Line($"{time} not sent: {message.Text} ({message.Error?.Text})");
            return;
        }

        if (_shown.Add(message.ClientId))
        {
            var text = message.Deleted ? "(deleted)" : message.Text.Length > 0 ? message.Text : "(a card)";
            screen.Line($"{time} {(message.IsMine ? "you" : other.Name)}: {text}{Mark(message)}");
        }
        else if (Moves(message))
        {
            screen.Note($"{(message.State == MessageState.Read ? "read" : "delivered")} up to: {message.Text}");
        }

        if (message.IsMine) Moves(message);
        else chat.With(other.Id).MarkRead(message);
    }

    private static string Mark(Message message) => !message.IsMine ? "" : message.State switch
    {
        MessageState.Read => "  [read]",
        MessageState.Delivered => "  [delivered]",
        _ => "  [sent]",
    };

    /// <summary>A receipt covers everything before it: only the furthest one is worth a line.</summary>
    private bool Moves(Message message)
    {
        var (delivered, read) = (_delivered, _read);
        if (message.State >= MessageState.Delivered) _delivered = Math.Max(_delivered, message.Seq);
        if (message.State == MessageState.Read) _read = Math.Max(_read, message.Seq);
        return _delivered > delivered || _read > read;
    }

    private void ShowState(ConnectionStatus status)
    {
        var words = status.State == ConnectionState.Offline && status.RetryAt is { } retry
            ? $"offline, next try in {Math.Max(1, Math.Ceiling((retry - DateTimeOffset.UtcNow).TotalSeconds)):0} s"
            : status.ToString();
        if (words != _state) screen.Note(_state = words);
        if (status.Diagnosis is { } diagnosis && diagnosis.Code != _cause) screen.Note($"{diagnosis.Code}: {diagnosis.OperatorText}");
        _cause = status.Diagnosis?.Code;
    }

    private async Task SendAsync(string text, CancellationToken cancel)
    {
        try
        {
            await chat.With(other.Id).SendAsync(text, cancel);
        }
        catch (Exception e) when (e is MessageRefusedException or OperationCanceledException or ObjectDisposedException)
        {
            // The feed shows a refusal; anything else means that the chat is being left.
        }
    }

    private async Task LeaveAsync(CancellationToken cancel)
    {
        var sent = Task.WhenAll(_sending);
        if (!sent.IsCompleted) screen.Note("waiting for the server to confirm");
        try
        {
            await sent.WaitAsync(_lastWait, cancel);
        }
        catch (TimeoutException)
        {
            screen.Note($"{_sending.Count(task => !task.IsCompleted)} not confirmed by the server");
        }
    }
}
