namespace DataSsl.Kernels;

/// <summary>What follows a layer in the same pass.</summary>
internal enum Activation
{
    None,
    Relu,
    Relu6,
}
