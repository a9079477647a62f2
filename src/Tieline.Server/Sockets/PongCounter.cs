namespace Tieline.Server.Sockets;

/// <summary>Follows the frame headers in what a client sends, however it is cut into reads, and counts the pongs. It judges nothing: that is the WebSocket's work.</summary>
internal sealed class PongCounter
{
    private const int PongOpcode = 0xA;
    private const int MaskBytes = 4;

    private long _skip;
    private int _headerBytes;
    private int _lengthBytes;
    private long _length;
    private bool _pong;

    public long Count { get; private set; }

    public void Observe(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                bytes = bytes[skipped..];
                if (_skip == 0) EndFrame();
                continue;
            }

            ObserveHeader(bytes[0]);
            bytes = bytes[1..];
        }
    }

    private void ObserveHeader(byte value)
    {
        if (_headerBytes == 0)
        {
            _pong = (value & 0x0F) == PongOpcode;
            _headerBytes = 1;
            return;
        }

        if (_headerBytes == 1)
        {
            _length = value & 0x7F;
            _lengthBytes = _length switch { 126 => 2, 127 => 8, _ => 0 };
            if (_lengthBytes > 0) _length = 0;
            _headerBytes = 2;
        }
        else
        {
            _length = (_length << 8) | value;
            _lengthBytes--;
        }

        // Every frame of a client is masked: four bytes of key, then the payload.
        if (_lengthBytes == 0) _skip = MaskBytes + Math.Max(0, _length);
    }

    private void EndFrame()
    {
        if (_pong) Count++;
        _headerBytes = 0;
    }
}
