namespace DataSsl.Kernels;

/// <summary>ImageNet's images by channel (red, green, blue), of values from 0 to 1: what is subtracted, and what then divides.</summary>
internal static class ImageNetStatistics
{
    public static readonly double[] Mean = [0.485, 0.456, 0.406];

    public static readonly double[] Deviation = [0.229, 0.224, 0.225];
}
