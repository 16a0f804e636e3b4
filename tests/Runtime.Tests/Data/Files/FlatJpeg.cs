namespace DataSsl.Runtime.Tests.Data.Files;

/// <summary>Baseline JPEGs of one flat colour in each block of 8x8, with any number of channels: no encoder at hand writes CMYK.</summary>
internal static class FlatJpeg
{
    /// <param name="columns">Blocks in a row.</param>
    /// <param name="rows">Rows of blocks.</param>
    /// <param name="channels">1, 3 or 4.</param>
    /// <param name="value">The value of a block's channel: column, row, channel.</param>
    /// <param name="adobe">What Adobe's marker says of the colours, 0 as they are, 1 YCbCr, 2 YCCK; null for no marker.</param>
    /// <param name="scans">How often the same scan is there.</param>
    public static byte[] Of(int columns, int rows, int channels, Func<int, int, int, byte> value, byte? adobe = null, int scans = 1)
    {
        var file = new ByteWriter(little: false).Bytes(0xFF, 0xD8);
        if (adobe is { } transform) file.Bytes(0xFF, 0xEE).Short(14).Bytes("Adobe"u8).Short(100).Short(0).Short(0).Bytes(transform);
        file.Bytes(0xFF, 0xDB).Short(67).Bytes(0).Bytes([.. Enumerable.Repeat((byte)8, 64)]);
        file.Bytes(0xFF, 0xC0).Short(8 + 3 * channels).Bytes(8).Short(8 * rows).Short(8 * columns).Bytes((byte)channels);
        for (var channel = 0; channel < channels; channel++) file.Bytes((byte)(channel + 1), 0x11, 0);
        // Twelve lengths of differences with codes of four bits; one code, a zero, for the end of a block.
        file.Bytes(0xFF, 0xC4).Short(19 + 12).Bytes(0).Bytes(0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
            .Bytes([.. Enumerable.Range(0, 12).Select(i => (byte)i)]);
        file.Bytes(0xFF, 0xC4).Short(19 + 1).Bytes(0x10).Bytes(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0).Bytes(0);
        var coded = Coded(columns, rows, channels, value);
        for (var scan = 0; scan < scans; scan++)
        {
            file.Bytes(0xFF, 0xDA).Short(6 + 2 * channels).Bytes((byte)channels);
            for (var channel = 0; channel < channels; channel++) file.Bytes((byte)(channel + 1), 0);
            file.Bytes(0, 63, 0).Bytes(coded);
        }
        return file.Bytes(0xFF, 0xD9).ToArray();
    }

    private static byte[] Coded(int columns, int rows, int channels, Func<int, int, int, byte> value)
    {
        var bits = new List<bool>();
        var last = new int[channels];
        for (var block = 0; block < columns * rows; block++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                // The quantiser is 8, so that a step of the first coefficient is a step of the value.
                var now = value(block % columns, block / columns, channel) - 128;
                var (difference, length) = (now - last[channel], 0);
                last[channel] = now;
                while (Math.Abs(difference) >> length > 0) length++;
                Put(length, 4);
                Put(difference >= 0 ? difference : difference + (1 << length) - 1, length);
                Put(0, 1);
            }
        }
        while (bits.Count % 8 != 0) bits.Add(true);
        // A byte of ones would look like a marker.
        return
        [
            .. bits.Chunk(8).Select(eight => (byte)eight.Aggregate(0, (sum, bit) => 2 * sum + (bit ? 1 : 0)))
                .SelectMany(one => one == 0xFF ? new byte[] { 0xFF, 0 } : [one]),
        ];

        void Put(int number, int count)
        {
            for (var i = count - 1; i >= 0; i--) bits.Add((number >> i & 1) != 0);
        }
    }
}
