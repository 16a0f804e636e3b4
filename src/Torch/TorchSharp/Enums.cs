namespace TorchSharp;

public enum layout { strided = 0, sparse_coo = 1 }

public enum memory_format { preserve_format = 0, contiguous_format = 1, channels_last = 2 }

/// <summary>How a convolution fills the border.</summary>
public enum PaddingModes { Zeros = 0, Reflect = 1, Replicate = 2, Circular = 3, Constant = 4 }

/// <summary>How much a convolution pads: nothing, or as much as keeps the size.</summary>
public enum Padding { Valid = 0, Same = 1 }

public enum TensorStringStyle { Metadata = 0, Julia = 1, Numpy = 2, CSharp = 3, Default = 4 }

public static partial class torch
{
    public enum RoundingMode { None = 0, trunc = 1, floor = 2 }

    public enum InterpolationMode { Nearest = 0, Linear = 1, Bilinear = 2, Bicubic = 3, Trilinear = 4, Area = 5, NearestExact = 6 }

    public enum GridSampleMode { Nearest = 0, Bilinear = 2 }

    public enum GridSamplePaddingMode { Zeros = 0, Reflection = 1, Border = 2 }

    public static partial class nn
    {
        public enum Reduction { None = 0, Mean = 1, Sum = 2 }
    }
}
