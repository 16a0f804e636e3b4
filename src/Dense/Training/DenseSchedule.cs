namespace DataSsl.Dense.Training;

/// <summary>How the learning rate falls.</summary>
public enum DenseSchedule
{
    /// <summary>Along half a cosine to 0.</summary>
    Cosine,

    /// <summary>To a tenth after three quarters of the steps, and again after eleven twelfths: 18 and 22 of 24 thousand.</summary>
    Steps,
}
