namespace DataSsl.Dense.Training;

/// <summary>What a dense network tells of an image.</summary>
public enum DenseTask
{
    /// <summary>Objects with their boxes.</summary>
    Detection,

    /// <summary>Objects with boxes and masks.</summary>
    Instances,

    /// <summary>The class of every pixel.</summary>
    Segmentation,
}
