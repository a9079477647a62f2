using System.Text;

namespace Tieline.Cli.Commands;

/// <summary>Lines in and out. On a terminal what is being typed stays below what arrives; redirected, it is plain lines of text.</summary>
internal sealed class ChatScreen
{
    private const string Prompt = "> ";

    private static readonly bool _isTerminal = !Console.IsInputRedirected && !Console.IsOutputRedirected;

    private readonly Lock _lock = new();
    private readonly StringBuilder _typed = new();

    /// <summary>Something that was said.</summary>
    public void Line(string text) => Write(Clean(text));

    /// <summary>Something about the chat.</summary>
    public void Note(string text) => Write(_isTerminal ? $"\e[2m· {Clean(text)}\e[0m" : "· " + Clean(text));

    /// <summary>The next line that was typed, null at the end of the input.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancel)
    {
        if (!_isTerminal) return await Console.In.ReadLineAsync(cancel);
        Redraw();
        while (true)
        {
            while (!Console.KeyAvailable) await Task.Delay(15, cancel);
            var key = Console.ReadKey(intercept: true);
            lock (_lock)
            {
                if (key.Key == ConsoleKey.Enter) return TakeLine();
                if (key is { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } && _typed.Length == 0) return null;
                if (key.Key == ConsoleKey.Backspace) Erase();
                else if (!char.IsControl(key.KeyChar)) _typed.Append(key.KeyChar);
            }

            Redraw();
        }
    }

    /// <summary>Asks without showing; takes the first line of a redirected input.</summary>
    public static string AskPassword(string question)
    {
        if (Console.IsInputRedirected) return Console.In.ReadLine() ?? "";
        Console.Error.Write(question);
        var password = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key != ConsoleKey.Backspace) password.Append(key.KeyChar);
            else if (password.Length > 0) password.Length--;
        }

        Console.Error.WriteLine();
        return password.ToString();
    }

    private string TakeLine()
    {
        var line = _typed.ToString();
        _typed.Clear();
        Console.Write("\r\e[K");
        return line;
    }

    private void Erase()
    {
        if (_typed.Length == 0) return;
        var pair = _typed.Length > 1 && char.IsLowSurrogate(_typed[^1]);
        _typed.Length -= pair ? 2 : 1;
    }

    private void Redraw()
    {
        lock (_lock) Console.Write($"\r\e[K{Prompt}{_typed}");
    }

    private void Write(string line)
    {
        lock (_lock)
        {
            if (_isTerminal) Console.Write($"\r\e[K{line}\n{Prompt}{_typed}");
            else Console.Out.WriteLine(line);
        }
    }

    /// <summary>Another's text must not steer this terminal.</summary>
    private static string Clean(string text) => string.Concat(text.Select(c => c == '\n' ? ' ' : char.IsControl(c) ? '\uFFFD' : c));
}
