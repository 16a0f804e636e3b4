namespace DataSsl.Runtime.Data;

/// <summary>The frame and the scans of a JPEG.</summary>
internal static class JpegHeader
{
    // Progressive JPEGs have about ten scans. Each of them passes over the whole picture, however few bytes it has.
    private const int MostScans = 100, UsualScans = 20;

    private const int CoefficientBytes = 2, BlockLength = 64;

    /// <inheritdoc cref="ImageHeader.Read"/>
    public static ImageHeader Read(ImageBytes file, long maxPixels)
    {
        var frame = default(Frame);
        var (scans, isAdobe) = (0, false);
        var place = 2L;
        for (; NextMarker(file, ref place) is { } marker;)
        {
            if (marker == 0xD9) break;
            // What libjpeg would pass over, or understand in its own way: nothing may hide behind it.
            if (marker == 0xD8 || file.BigShort(place) is var length && length < 2) throw ImageHeader.Damaged(ImageFormat.Jpeg);
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                if (frame.Channels > 0) throw ImageHeader.Damaged(ImageFormat.Jpeg);
                frame = Frame.Read(file, place, length, marker);
                ImageHeader.Check(frame.Width, frame.Height, maxPixels);
            }
            isAdobe |= marker == 0xEE && file.Has(place + 2, "Adobe"u8);
            if (marker == 0xDA)
            {
                if (++scans == 1) frame.FirstScanChannels = file.Byte(place + 2);
                if (scans > MostScans)
                    throw new InvalidDataException($"a JPEG of more than {MostScans} scans, which would take long to decode");
                if (scans > UsualScans && scans * frame.Width * frame.Height > UsualScans * maxPixels)
                    throw new InvalidDataException(
                        $"a JPEG of more than {UsualScans} scans of {frame.Width} x {frame.Height} pixels each, which would take long to decode");
            }
            place += length;
        }
        if (scans == 0 || frame.Channels == 0) throw ImageHeader.Truncated(ImageFormat.Jpeg);
        // OpenCV takes every CMYK picture for one of Adobe's, which store how little ink there is: another would come out as a negative.
        if (frame.Channels == 4 && !isAdobe) throw new InvalidDataException("a CMYK JPEG without Adobe's marker, which is not read");
        return new(ImageFormat.Jpeg, frame.Width, frame.Height, Math.Min(place, file.Length), frame.Working);
    }

    /// <summary>
    /// The next marker and the place behind it; null at the end of the file. Between markers lie coded pixels, where 0xFF is followed by 0,
    /// or by the mark of a restart.
    /// </summary>
    private static byte? NextMarker(ImageBytes file, ref long place)
    {
        while (place < file.Length)
        {
            var some = file.From(place);
            var at = some.IndexOf((byte)0xFF);
            if (some.IsEmpty) return null;
            if (at < 0)
            {
                place += some.Length;
                continue;
            }
            place += at + 1;
            if (place >= file.Length) return null;
            var marker = file.Byte(place);
            // A second 0xFF is filling: the marker comes behind it.
            if (marker == 0xFF) continue;
            place++;
            if (marker is not (0 or 0x01 or (>= 0xD0 and <= 0xD7))) return marker;
        }
        return null;
    }

    private struct Frame
    {
        public long Width, Height;
        public int Channels, FirstScanChannels;
        private bool isProgressive;
        private double coefficients;

        /// <summary>Bytes of the coefficients, which are kept where a picture comes in several scans.</summary>
        public readonly double Working => isProgressive || FirstScanChannels < Channels ? CoefficientBytes * coefficients : 0;

        public static Frame Read(ImageBytes file, long place, int length, byte marker)
        {
            var frame = new Frame
            {
                Height = file.BigShort(place + 3),
                Width = file.BigShort(place + 5),
                Channels = file.Byte(place + 7),
                isProgressive = (marker & 3) == 2,
            };
            if (frame.Channels is 0 or > 4 || length < 8 + 3 * frame.Channels) throw ImageHeader.Damaged(ImageFormat.Jpeg);
            var (across, down) = (1, 1);
            for (var channel = 0; channel < frame.Channels; channel++)
            {
                var factors = file.Byte(place + 9 + 3 * channel);
                if (factors >> 4 is 0 or > 4 || (factors & 15) is 0 or > 4) throw ImageHeader.Damaged(ImageFormat.Jpeg);
                (across, down) = (Math.Max(across, factors >> 4), Math.Max(down, factors & 15));
            }
            var (columns, rows) = ((frame.Width + 8 * across - 1) / (8 * across), (frame.Height + 8 * down - 1) / (8 * down));
            for (var channel = 0; channel < frame.Channels; channel++)
            {
                var factors = file.Byte(place + 9 + 3 * channel);
                frame.coefficients += (double)columns * (factors >> 4) * rows * (factors & 15) * BlockLength;
            }
            return frame;
        }
    }
}
