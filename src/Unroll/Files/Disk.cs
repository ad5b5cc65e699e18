namespace Unroll.Files;

/// <summary>
/// Every operation by which the library changes the file system, and the reading of its own files, in one place, so that a test can let each of
/// them fail in its turn.
/// </summary>
internal static class Disk
{
    // Of the flow of control that set it and of nothing else: two runs in one process do not see each other's.
    private static readonly AsyncLocal<Action<string, string>?> s_watch = new();

    /// <summary>
    /// Is told of each operation before it is done, by its name (<c>open</c>, <c>write</c>, <c>flush</c>, <c>rename</c>, <c>delete</c>,
    /// <c>folder</c>, <c>read</c>) and its path; what it throws takes the operation's place. Null: nobody.
    /// </summary>
    internal static Action<string, string>? Watch { get => s_watch.Value; set => s_watch.Value = value; }

    /// <summary>Creates a file, or empties it.</summary>
    internal static Stream Create(string path) => Open(path, FileMode.Create, FileShare.None);

    /// <summary>Opens a file to write at its end, or creates it.</summary>
    internal static Stream Append(string path) => Open(path, FileMode.Append, FileShare.Read);

    /// <summary>
    /// Opens a file that no other opening may share, in this process or in another, until it is disposed of; makes it if it is missing.
    /// </summary>
    internal static FileStream OpenLocked(string path)
    {
        Watch?.Invoke("open", path);
        return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>Waits until what was written is on the disk, or only with the system.</summary>
    internal static void Flush(Stream stream, string path, bool toDisk)
    {
        Watch?.Invoke("flush", path);
        if ((stream as FileStream ?? (stream as WatchedStream)?.File) is { } file) file.Flush(toDisk);
        else stream.Flush();
    }

    /// <summary>Gives a file another name, and replaces the one that has it.</summary>
    internal static void Move(string from, string to)
    {
        Watch?.Invoke("rename", to);
        File.Move(from, to, overwrite: true);
    }

    /// <summary>Deletes a file; one that is not there is no error.</summary>
    internal static void Delete(string path)
    {
        Watch?.Invoke("delete", path);
        File.Delete(path);
    }

    /// <summary>Makes a folder and those above it.</summary>
    internal static void CreateFolder(string path)
    {
        Watch?.Invoke("folder", path);
        Directory.CreateDirectory(path);
    }

    /// <summary>Opens a file to read.</summary>
    internal static FileStream OpenRead(string path)
    {
        Watch?.Invoke("read", path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
    }

    private static Stream Open(string path, FileMode mode, FileShare share)
    {
        Watch?.Invoke("open", path);
        FileStream file = new(path, mode, FileAccess.Write, share);
        return Watch is { } watch ? new WatchedStream(file, () => watch("write", path)) : file;
    }

    // Where the watch lets a write fail, half of it is on the disk, as when that fills up.
    private sealed class WatchedStream(FileStream file, Action beforeWrite) : Stream
    {
        public FileStream File => file;

        public override bool CanRead => false;

        public override bool CanSeek => file.CanSeek;

        public override bool CanWrite => true;

        public override long Length => file.Length;

        public override long Position { get => file.Position; set => file.Position = value; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                beforeWrite();
            }
            catch
            {
                file.Write(buffer[..(buffer.Length / 2)]);
                throw;
            }
            file.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => file.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

        public override void SetLength(long value) => file.SetLength(value);

        protected override void Dispose(bool disposing)
        {
            if (disposing) file.Dispose();
            base.Dispose(disposing);
        }
    }
}
