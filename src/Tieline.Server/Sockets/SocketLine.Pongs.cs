namespace Tieline.Server.Sockets;

internal abstract partial class SocketLine
{
    private long _pongsSeen;

    /// <summary>True when what has been written should be followed by a ping, whose pong tells that it arrived.</summary>
    protected virtual bool WantsDeliveryPing => false;

    /// <summary>That ping goes out now.</summary>
    protected virtual void OnDeliveryPing()
    {
    }

    /// <summary>The client answered a protocol ping: everything written before it has arrived.</summary>
    protected virtual void OnPong()
    {
    }

    private void OnPongs()
    {
        _pongsSeen = Socket.Pongs;
        Volatile.Write(ref _heardAt, Server.Time.GetTimestamp());
        OnPong();
    }
}
