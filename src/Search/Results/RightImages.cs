namespace DataSsl.Search.Results;

/// <summary>Which of the test images a network named rightly, as a text of a line of JSON: bits, lowest first, in base 64.</summary>
public static class RightImages
{
    /// <summary>A bit for each image, set where it was named rightly; the last byte is filled up with zeros.</summary>
    public static string Text(bool[] right)
    {
        var bytes = new byte[(right.Length + 7) / 8];
        for (var i = 0; i < right.Length; i++)
            if (right[i]) bytes[i / 8] |= (byte)(1 << (i % 8));
        return Convert.ToBase64String(bytes);
    }

    /// <summary>
    /// What <see cref="Text"/> made of so many images; null for a text that is not of them, or not of so many right ones.
    /// </summary>
    public static bool[]? Read(string? text, int images, int right)
    {
        var characters = (images + 23L) / 24 * 4;
        if (text is null || text.Length != characters) return null;
        var bytes = new byte[(images + 7L) / 8];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length != bytes.Length) return null;
        var read = new bool[images];
        for (var i = 0; i < images; i++) read[i] = (bytes[i / 8] >> (i % 8) & 1) == 1;
        return read.Count(one => one) == right ? read : null;
    }
}
