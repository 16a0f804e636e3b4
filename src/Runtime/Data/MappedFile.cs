using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace DataSsl.Runtime.Data;

/// <summary>A file as memory, read page by page when it is touched and unmapped when nothing refers to it any more.</summary>
internal sealed unsafe class MappedFile
{
    // Unmaps when it is collected, which the parts put off by referring to this.
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* start;

    /// <exception cref="IOException">The file cannot be mapped.</exception>
    public MappedFile(string path)
    {
        Length = new FileInfo(path).Length;
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
        view = file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    public long Length { get; }

    /// <summary>A part of the file, which keeps the whole mapped.</summary>
    public ReadOnlyMemory<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        return new Part(this, offset, length).Memory;
    }

    private sealed class Part(MappedFile file, long offset, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(file.start + offset, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(file.start + offset + elementIndex, pinnable: this);

        public override void Unpin() { }

        protected override void Dispose(bool disposing) { }
    }
}
