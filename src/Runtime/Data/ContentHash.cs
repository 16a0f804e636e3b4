using System.Security.Cryptography;
using System.Text;
using DataSsl.Runtime.Storage;

namespace DataSsl.Runtime.Data;

/// <summary>Identifies images by their content, and a set of them by name and content.</summary>
internal static class ContentHash
{
    /// <summary>In the place of the hash of what cannot be read.</summary>
    private const string Unreadable = "unreadable";

    /// <summary>
    /// SHA-256 of the lines "content hash, two spaces, relative name" (what <c>sha256sum</c> prints), in the order given.
    /// </summary>
    public static string OfSet(IReadOnlyList<string?> contents, IReadOnlyList<string> names)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < contents.Count; i++) hash.AppendData(Encoding.UTF8.GetBytes($"{contents[i] ?? Unreadable}  {names[i]}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Of a rectangle of an image, which is told by that and where it lies there: two of one place are copies.</summary>
    /// <param name="whole">The image's.</param>
    public static string OfPart(string whole, PixelBox box) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{whole} {box}")));

    /// <summary>Of a file; null where no reader of images could read it either.</summary>
    public static string? OfFile(string path)
    {
        try
        {
            using var file = RegularFile.Open(path);
            if (RandomAccess.GetLength(file) > Array.MaxLength) return null;
            using var stream = new FileStream(file, FileAccess.Read, bufferSize: 0);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }
}
