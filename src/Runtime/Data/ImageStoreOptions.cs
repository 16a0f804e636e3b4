namespace DataSsl.Runtime.Data;

/// <summary>How an <see cref="ImageStore"/> keeps its images.</summary>
public sealed record ImageStoreOptions
{
    /// <summary>
    /// Images are shrunk until their short side is at most this many pixels, and never enlarged. About 1.15 times the training size suits
    /// whole-image crops (256 for 224); twice the size keeps small crops as sharp as the files are.
    /// </summary>
    public int Canvas { get; init; } = 256;

    /// <summary>Bytes of pixels to hold; a 256-pixel canvas of a 4:3 photograph takes 0.26 MB. By default half of the memory that this process may use.</summary>
    public long MemoryBudget { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>
    /// A folder for a file with all decoded images, made once and read from at every later start, in the place of <see cref="MemoryBudget"/>; null for none.
    /// </summary>
    public string? Cache { get; init; }

    /// <summary>Pixels of the largest image that is decoded; a larger one counts as unreadable.</summary>
    public long MaxPixels { get; init; } = ImageFile.DefaultMaxPixels;

    /// <summary>
    /// Bytes that all who decode at once may take, files and copies included; an image that needs more by itself counts as unreadable. By default half of the memory that this process may use.
    /// </summary>
    public long DecodingMemory { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>Threads that decode, and that make views.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}
