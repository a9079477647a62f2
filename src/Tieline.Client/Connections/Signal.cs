namespace Tieline.Client.Connections;

/// <summary>Something changed: look again. Any number of settings before a wait are one.</summary>
internal sealed class Signal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _next = New();

    public void Set()
    {
        lock (_lock) _next.TrySetResult();
    }

    /// <summary>Takes the signal before what it is about is looked at, so that nothing falls between the two.</summary>
    public Task Take()
    {
        lock (_lock)
        {
            if (_next.Task.IsCompleted) _next = New();
            return _next.Task;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
