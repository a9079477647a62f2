using System.Diagnostics;
using System.Text;

namespace Tieline.EndToEnd.Tests.Running;

/// <summary>A program that is talked with: lines in, lines out.</summary>
internal sealed class Talker : IDisposable
{
    private readonly StringBuilder _heard = new();
    private readonly Process _process;

    public Talker(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Heard
    {
        get
        {
            lock (_heard) return _heard.ToString();
        }
    }

    public async Task SayAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    public async Task HearsAsync(string text)
    {
        try
        {
            await Until.TrueAsync(text, () => Heard.Contains(text, StringComparison.Ordinal));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} It said:\n{Heard}");
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        lock (_heard) _heard.Append(line).Append('\n');
    }
}
