using System.Buffers.Binary;

namespace DataSsl.Search.Report;

/// <summary>Columns of numbers as the page takes them: little-endian bytes in base 64, which a browser reads in one go.</summary>
internal static class Column
{
    /// <summary>32-bit floats: seven digits are more than a screen shows.</summary>
    public static string Floats(IReadOnlyList<double> values)
    {
        var bytes = new byte[sizeof(float) * values.Count];
        for (var i = 0; i < values.Count; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float) * i), (float)values[i]);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Small whole numbers, a byte each where they fit and two where not.</summary>
    /// <param name="kinds">How many different ones there are.</param>
    public static string Codes(IReadOnlyList<int> values, int kinds)
    {
        if (kinds <= 1 << 8) return Convert.ToBase64String([.. values.Select(v => (byte)v)]);
        var bytes = new byte[sizeof(ushort) * values.Count];
        for (var i = 0; i < values.Count; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(sizeof(ushort) * i), checked((ushort)values[i]));
        return Convert.ToBase64String(bytes);
    }

    /// <summary>A set of positions as bits, lowest first.</summary>
    public static string Bits(IEnumerable<int> positions, int count)
    {
        var bytes = new byte[(count + 7) / 8];
        foreach (var i in positions) bytes[i / 8] |= (byte)(1 << (i % 8));
        return Convert.ToBase64String(bytes);
    }
}
