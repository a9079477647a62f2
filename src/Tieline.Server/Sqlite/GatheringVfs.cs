using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Tieline.Server.Sqlite;

/// <summary>
/// SQLite writes each page of a commit to its log in two small writes. This VFS, a thin layer over the default one, gathers what is written
/// to the log one behind the other, and hands it on in large pieces: at the latest when SQLite syncs, and before anything else is done with the file.
/// </summary>
/// <remarks>
/// Only for a connection with <c>synchronous=FULL</c>: it syncs the log in each commit before it lets other connections know of the pages.
/// Nothing but the log is touched: every other file is opened by the default VFS and works by its methods.
/// </remarks>
internal static unsafe class GatheringVfs
{
    public const string Name = "tieline-gathering";

    private const string Library = "e_sqlite3";
    private const int LogFile = 0x00080000;
    private const int Capacity = 128 * 1024;

    private static readonly Lock _lock = new();
    private static Vfs* _default;
    private static Vfs* _gathering;
    private static Methods* _methods;

    /// <summary>Makes the VFS known to SQLite, once.</summary>
    public static void Register()
    {
        lock (_lock)
        {
            if (_gathering is not null) return;
            _default = Find(null);
            _methods = MakeMethods();
            var vfs = (Vfs*)NativeMemory.AllocZeroed((nuint)sizeof(Vfs));
            *vfs = *_default;
            vfs->Next = null;
            vfs->FileSize = _default->FileSize + sizeof(Log);
            vfs->Name = (byte*)Marshal.StringToCoTaskMemUTF8(Name);
            vfs->Open = &Open;
            var result = Register(vfs, 0);
            if (result != raw.SQLITE_OK) throw new SqliteException(result, "SQLite does not take another VFS");
            _gathering = vfs;
        }
    }

    [DllImport(Library, EntryPoint = "sqlite3_vfs_find", CallingConvention = CallingConvention.Cdecl)]
    private static extern Vfs* Find(byte* name);

    [DllImport(Library, EntryPoint = "sqlite3_vfs_register", CallingConvention = CallingConvention.Cdecl)]
    private static extern int Register(Vfs* vfs, int makeDefault);

    private static Methods* MakeMethods()
    {
        var methods = (Methods*)NativeMemory.AllocZeroed((nuint)sizeof(Methods));
        methods->Version = 1;
        methods->Close = &Close;
        methods->Read = &Read;
        methods->Write = &Write;
        methods->Truncate = &Truncate;
        methods->Sync = &Sync;
        methods->FileSize = &FileSize;
        methods->Lock = &Lock;
        methods->Unlock = &Unlock;
        methods->CheckReservedLock = &CheckReservedLock;
        methods->FileControl = &FileControl;
        methods->SectorSize = &SectorSize;
        methods->DeviceCharacteristics = &DeviceCharacteristics;
        return methods;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(Vfs* vfs, byte* name, Log* file, int flags, int* outFlags)
    {
        if ((flags & LogFile) == 0) return _default->Open(_default, name, file, flags, outFlags);
        *file = default;
        var result = _default->Open(_default, name, (Log*)file->Real, flags, outFlags);
        // SQLite closes a file whose opening failed, if it has methods.
        file->Methods = file->Real->Methods is null ? null : _methods;
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(Log* file, byte* bytes, int count, long offset)
    {
        if (file->Gathered > 0 && (offset != file->Start + file->Gathered || file->Gathered + count > Capacity))
        {
            var flushed = Flush(file);
            if (flushed != raw.SQLITE_OK) return flushed;
        }

        if (count > Capacity) return file->Real->Methods->Write(file->Real, bytes, count, offset);
        if (file->Buffer is null) file->Buffer = (byte*)NativeMemory.Alloc(Capacity);
        if (file->Gathered == 0) file->Start = offset;
        Buffer.MemoryCopy(bytes, file->Buffer + file->Gathered, Capacity - file->Gathered, count);
        file->Gathered += count;
        return raw.SQLITE_OK;
    }

    /// <summary>What could not be written is forgotten: SQLite takes the commit back, and writes it anew or not at all.</summary>
    private static int Flush(Log* file)
    {
        var gathered = file->Gathered;
        file->Gathered = 0;
        return gathered == 0 ? raw.SQLITE_OK : file->Real->Methods->Write(file->Real, file->Buffer, gathered, file->Start);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(Log* file, int flags)
    {
        var flushed = Flush(file);
        return flushed == raw.SQLITE_OK ? file->Real->Methods->Sync(file->Real, flags) : flushed;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(Log* file, byte* bytes, int count, long offset)
    {
        var flushed = Flush(file);
        return flushed == raw.SQLITE_OK ? file->Real->Methods->Read(file->Real, bytes, count, offset) : flushed;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(Log* file, long size)
    {
        var flushed = Flush(file);
        return flushed == raw.SQLITE_OK ? file->Real->Methods->Truncate(file->Real, size) : flushed;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FileSize(Log* file, long* size)
    {
        var flushed = Flush(file);
        return flushed == raw.SQLITE_OK ? file->Real->Methods->FileSize(file->Real, size) : flushed;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(Log* file)
    {
        // What was never synced belongs to no commit.
        NativeMemory.Free(file->Buffer);
        file->Buffer = null;
        return file->Real->Methods->Close(file->Real);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FileControl(Log* file, int operation, void* argument)
    {
        var flushed = Flush(file);
        return flushed == raw.SQLITE_OK ? file->Real->Methods->FileControl(file->Real, operation, argument) : flushed;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Lock(Log* file, int level) => file->Real->Methods->Lock(file->Real, level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Unlock(Log* file, int level) => file->Real->Methods->Unlock(file->Real, level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CheckReservedLock(Log* file, int* reserved) => file->Real->Methods->CheckReservedLock(file->Real, reserved);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SectorSize(Log* file) => file->Real->Methods->SectorSize(file->Real);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int DeviceCharacteristics(Log* file) => file->Real->Methods->DeviceCharacteristics(file->Real);

    /// <summary>sqlite3_file as this VFS has it; the default VFS's own lies right behind.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Log
    {
        public Methods* Methods;
        public byte* Buffer;
        public long Start;
        public int Gathered;
        private readonly int _padding;

        public Log* Real => (Log*)((byte*)Unsafe.AsPointer(ref this) + sizeof(Log));
    }

    /// <summary>sqlite3_io_methods, version 1.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Methods
    {
        public int Version;
        public delegate* unmanaged[Cdecl]<Log*, int> Close;
        public delegate* unmanaged[Cdecl]<Log*, byte*, int, long, int> Read;
        public delegate* unmanaged[Cdecl]<Log*, byte*, int, long, int> Write;
        public delegate* unmanaged[Cdecl]<Log*, long, int> Truncate;
        public delegate* unmanaged[Cdecl]<Log*, int, int> Sync;
        public delegate* unmanaged[Cdecl]<Log*, long*, int> FileSize;
        public delegate* unmanaged[Cdecl]<Log*, int, int> Lock;
        public delegate* unmanaged[Cdecl]<Log*, int, int> Unlock;
        public delegate* unmanaged[Cdecl]<Log*, int*, int> CheckReservedLock;
        public delegate* unmanaged[Cdecl]<Log*, int, void*, int> FileControl;
        public delegate* unmanaged[Cdecl]<Log*, int> SectorSize;
        public delegate* unmanaged[Cdecl]<Log*, int> DeviceCharacteristics;
    }

    /// <summary>sqlite3_vfs; what is not used here is only copied.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Vfs
    {
        public int Version;
        public int FileSize;
        public int MaxPath;
        public Vfs* Next;
        public byte* Name;
        public void* Data;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, Log*, int, int*, int> Open;
        private Others _others;
    }

    [InlineArray(15)]
    private struct Others
    {
        private nint _first;
    }
}
