namespace DataSsl.Runtime.Data;

/// <summary>Some images of a store: their indices there, which key every random draw about them, and their pixels, in the same order.</summary>
public sealed record ImageBatch(int[] Indices, Image[] Images)
{
    /// <summary>The number of images.</summary>
    public int Count => Indices.Length;
}
